import type { Docker } from "../hosts/docker.ts";
import type { Etcd } from "../hosts/etcd.ts";
import type { Host } from "../hosts/host.ts";
import type { Kube } from "../hosts/kube.ts";
import type { Bundle } from "../pki/bundle.ts";
import type { RunEvent } from "../progress.ts";
import type { CheckedSnapshot } from "../snapshots/checked-snapshot.ts";

/** Credentials for pulling one image; undefined for an anonymous pull. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
}

/** All that a step may touch. Nodes are named by their address everywhere in here. */
export interface Context {
  readonly signal: AbortSignal;
  readonly clock: () => Date;
  readonly emit: (event: RunEvent) => void;
  /** Waits; ends early with an error when the run is cancelled. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly host: (address: string) => Host;
  /** `node-1 (10.0.0.1)`, for errors and progress. */
  readonly nameOf: (address: string) => string;
  readonly docker: (address: string) => Docker;
  /** The etcd member on a node, as client `kube-node`. */
  readonly etcd: (address: string) => Etcd;
  /** The API server on a control plane node as `kube-admin`; without an address, any that answers. */
  readonly kube: (address?: string) => Promise<Kube>;
  /** How far a node's clock is ahead of ours. */
  readonly clockOffsetMs: (address: string) => number;
  /** The certificates that should be on the nodes. */
  readonly certificates: Bundle;
  /** The snapshot that this run restores, fetched and checked when it is first asked for; absent where none is restored. */
  readonly snapshot?: () => Promise<CheckedSnapshot>;
  readonly registryCredentials: (image: string) => Promise<RegistryCredentials | undefined>;
}
