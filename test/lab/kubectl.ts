import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lab } from "./machines.ts";

/** Asks an API server as a person would. */
export interface Kubectl {
  /** What kubectl printed. */
  (...words: readonly string[]): string;
  /** Makes objects what they should be. */
  apply(object: object): void;
  close(): void;
}

/** `server` is asked in place of the one that the kubeconfig names. */
export function kubectlWith(kubeconfig: string, { server }: { readonly server?: string } = {}): Kubectl {
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  const file = join(folder, "config");
  writeFileSync(file, kubeconfig, { mode: 0o600 });
  const where = server === undefined ? [] : ["--server", server];
  const run = (...words: readonly string[]): string => lab("kubectl", "--kubeconfig", file, ...where, ...words);
  return Object.assign(run, {
    apply(object: object) {
      const manifest = join(folder, "manifest.json");
      writeFileSync(manifest, JSON.stringify(object));
      run("apply", "-f", manifest);
    },
    close: () => rmSync(folder, { recursive: true }),
  });
}
