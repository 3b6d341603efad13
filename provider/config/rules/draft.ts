import type { Release } from "../../releases/release.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import type { Finding, Path } from "../finding.ts";
import type { ParsedCluster } from "../schema/cluster.ts";

/** What the rules look at: as much of a configuration as could be read. */
export interface Draft {
  /** What was written, without what could not be read and, where it is more than a text, what is not known yet. */
  readonly given: ParsedCluster;
  /** The same with every default. */
  readonly config: ClusterConfig;
  /** Undefined when the version is not known yet or cannot be used; what `config` takes from a release is then a guess. */
  readonly release: Release | undefined;
}

/** What a rule has to say. It is dropped when it rests on a value that is not known, or that is wrong already. */
export interface Verdict extends Finding {
  readonly severity: "failure" | "warning";
  /** What it rests on besides its own path. */
  readonly basis: readonly Path[];
}

export type Rule = (draft: Draft) => Iterable<Verdict>;

/** Something that RKE refuses, or that could not work. */
export const failure = (path: Path, reason: string, basis: readonly Path[] = []): Verdict => ({
  severity: "failure",
  path,
  reason,
  basis,
});

/** Something that RKE accepts, and that does not do what one would expect. */
export const warning = (path: Path, reason: string, basis: readonly Path[] = []): Verdict => ({
  severity: "warning",
  path,
  reason,
  basis,
});
