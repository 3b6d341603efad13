import type { KeySource, SerialSource } from "../pki/openssl.ts";
import type { EngineCalls } from "./engine-call.ts";
import type { StatusRows } from "./status-row.ts";

/** Properties as Pulumi hands them over: JSON values, with a marker where something is not known yet. */
export type Properties = Record<string, unknown>;

export interface CheckFailure {
  /** The path in the words of the program: `nodes["web-1"].roles[0]`. */
  readonly property: string;
  readonly reason: string;
}

export interface Call {
  /** Stops the call. Without one, only its deadline and the end of the process do. */
  readonly signal?: AbortSignal;
  /** Takes the lines that a person should see. Default: stderr, which Pulumi shows. */
  readonly log?: (line: string) => void;
}

export interface CheckCall extends Call {
  readonly olds: Properties;
  readonly news: Properties;
}

export interface CreateCall extends Call {
  readonly news: Properties;
}

export interface StateCall extends Call {
  readonly id: string;
  readonly olds: Properties;
}

export interface ChangeCall extends StateCall {
  readonly news: Properties;
  /** Whether nothing follows from a diff: only then does it print what would be done. Default: what the class has said. */
  readonly preview?: boolean;
}

/**
 * What an update changes. There is no `detailedDiff`: Pulumi's host for dynamic resources passes on these three and drops
 * all else, so nobody could see one. `planes`, the nodes by name and the plan that is printed take its place.
 */
export interface Difference {
  changes: boolean;
  replaces?: string[];
  deleteBeforeReplace?: boolean;
}

/**
 * What Pulumi asks of a kind of resource. Every stack that was ever deployed calls these, by the text in its state: what
 * is here may grow, and must not change.
 */
export interface Handler {
  check(call: CheckCall): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diff(call: ChangeCall): Promise<Difference>;
  create(call: CreateCall): Promise<{ id: string; outs: Properties }>;
  /** An empty id says that it is gone. */
  read(call: StateCall): Promise<{ id: string; props: Properties }>;
  update(call: ChangeCall): Promise<{ outs: Properties }>;
  delete(call: StateCall): Promise<void>;
}

/** What handlers take from the world, so that tests can hold it still. */
export interface Surroundings {
  readonly clock: () => Date;
  readonly keys: KeySource;
  readonly serials: SerialSource;
  readonly log: (line: string) => void;
  /** Where log files go; undefined for none. */
  readonly logFolder: string | undefined;
  /** The rows of Pulumi's display. */
  readonly rows: StatusRows;
  /** What the class has said about this run of the engine. */
  readonly calls: EngineCalls;
}
