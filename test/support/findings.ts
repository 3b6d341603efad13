import { expect } from "vitest";

import { parseCluster } from "../../provider/config/parse.ts";
import { dotted } from "../../provider/config/paths.ts";

/** A machine with all roles, to be changed at will. */
export const aNode = (changes: object = {}) => ({
  address: "10.0.0.1",
  user: "ubuntu",
  role: ["etcd", "controlplane", "worker"],
  ...changes,
});

/** Arguments of the smallest cluster that is right, to be changed at will. */
export const someArgs = (changes: object = {}): object => ({
  kubernetesVersion: "v1.32.6-rancher1-1",
  nodes: [aNode()],
  ...changes,
});

/** What is said about the smallest right cluster with some changes: failures and warnings, each as `path: reason`. */
export function findings(changes: object): { failures: string[]; warnings: string[] } {
  const parsed = parseCluster(someArgs(changes));
  const lines = (found: readonly { path: readonly (string | number)[]; reason: string }[]) =>
    found.map(({ path, reason }) => `${dotted(path)}: ${reason}`);
  return { failures: parsed.ok ? [] : lines(parsed.failures), warnings: lines(parsed.warnings) };
}

/** Expects one failure that has the text in it. */
export function refuses(changes: object, reason: string): void {
  expect(findings(changes).failures).toEqual([expect.stringContaining(reason)]);
}

/** Expects one warning that has the text in it, and no failure. */
export function warns(changes: object, reason: string): void {
  const { failures, warnings } = findings(changes);

  expect([failures, warnings]).toEqual([[], [expect.stringContaining(reason)]]);
}

/** Expects that nothing is said. */
export function accepts(changes: object): void {
  expect(findings(changes)).toEqual({ failures: [], warnings: [] });
}
