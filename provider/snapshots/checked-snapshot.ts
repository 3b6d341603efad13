import type { Readable } from "node:stream";

/** A snapshot that lies on the machine running Pulumi, was read from end to end, and may be restored into the cluster. */
export interface CheckedSnapshot {
  readonly name: string;
  /** Of the database. */
  readonly sha256: string;
  readonly databaseBytes: number;
  /** As its manifest says; snapshots of `rke` have none. */
  readonly revision?: number | undefined;
  readonly totalKeys?: number | undefined;
  /** The database, as often as it is asked for. */
  database(): Readable;
}
