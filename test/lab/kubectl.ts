import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lab } from "./machines.ts";

/** Asks an API server as a person would. */
export interface Kubectl {
  /** What kubectl printed. */
  (...words: readonly string[]): string;
  close(): void;
}

export function kubectlWith(kubeconfig: string): Kubectl {
  const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  const file = join(folder, "config");
  writeFileSync(file, kubeconfig, { mode: 0o600 });
  return Object.assign((...words: readonly string[]) => lab("kubectl", "--kubeconfig", file, ...words), {
    close: () => rmSync(folder, { recursive: true }),
  });
}
