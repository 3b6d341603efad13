import { RkeError } from "../errors.ts";

/** What lies in the state of a cluster, of whatever version. */
type Outputs = Readonly<Record<string, unknown>>;

/** Brings a state from one version to the next. */
export interface Migration {
  /** The first release of this package that writes the version the migration leads to. */
  readonly since: string;
  readonly migrate: (outputs: Outputs) => Outputs;
}

/**
 * By the version that it starts from. A migration is never changed or taken away: a stack may sleep for years, and its
 * `delete` then gets nothing but this state. A change that older states do not fit needs another one here.
 */
const migrations: readonly Migration[] = [];

/** The version of what lies in a stack's outputs. */
export const stateVersion = migrations.length + 1;

/** The state in the form of today. `steps` lead from version 1 to 2, from 2 to 3, and so on. */
export function migrated(outputs: Outputs, steps: readonly Migration[] = migrations): Outputs {
  const newest = steps.length + 1;
  const version = outputs.stateVersion;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1) throw noState();
  if (version > newest) throw fromTheFuture(version, newest);
  return steps
    .slice(version - 1)
    .reduce((state, { migrate }, index) => ({ ...migrate(state), stateVersion: version + index + 1 }), outputs);
}

const noState = (): RkeError =>
  new RkeError("state", {
    doing: "read the state of the cluster",
    because: "it says no version, so it was not written by an RkeCluster that has begun its work",
    hint: "Restore the stack from an older state: pulumi stack history shows what there is",
  });

const fromTheFuture = (version: number, newest: number): RkeError =>
  new RkeError("state", {
    doing: "read the state of the cluster",
    because: `it was written by a newer pulumi-rke (state version ${version}; this one knows ${newest})`,
    hint:
      `Install a pulumi-rke that knows state version ${version}: the one that the stack was last updated with, ` +
      "or npm install pulumi-rke@latest",
  });
