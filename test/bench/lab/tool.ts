import type { Wanted } from "../../lab/program.ts";

/** Something that makes clusters: we, or the peer. */
export interface Tool {
  readonly name: string;
  /** Makes the cluster what is wanted, by one run. */
  apply(wanted: Wanted): Promise<void>;
  /** Looks whether all machines are as the last run has left them. */
  look(): Promise<void>;
  destroy(): Promise<void>;
  kubeconfig(): string;
  /** What the tool has noted since, where it notes anything: lines that begin with their time. */
  logs(): string;
  close(): Promise<void>;
}
