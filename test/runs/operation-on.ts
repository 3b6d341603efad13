import { parseCluster } from "../../provider/config/parse.ts";
import type { Connection } from "../../provider/hosts/connection.ts";
import type { Bundle } from "../../provider/pki/bundle.ts";
import type { Listener } from "../../provider/progress.ts";
import type { FormerNode } from "../../provider/reconcile/runbook.ts";
import type { Operation } from "../../provider/resources/operation.ts";
import { Secret } from "../../provider/secrets.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { withoutAddons } from "../support/without-addons.ts";

export type Roles = readonly ("etcd" | "controlplane" | "worker")[];

/** One node that is called after its machine: `nodeWith(1, ["worker"])` is node-1 at 10.0.0.1. */
export const nodeWith = (index: number, role: Roles) => ({
  address: `10.0.${index >> 8}.${index & 255}`,
  hostnameOverride: `node-${index}`,
  user: "rke",
  role,
});

/** Reads the arguments of a cluster as a program would give them; throws all that is wrong with them. */
export function configOf(args: object): Pick<Operation, "config" | "release"> {
  const result = parseCluster({ kubernetesVersion: "v1.31.4-rancher1-1", ...withoutAddons, ...args });
  if (!result.ok) throw new Error(result.failures.map(({ reason }) => reason).join("\n"));
  return result;
}

interface Circumstances {
  readonly certificates: Bundle;
  readonly former?: readonly FormerNode[] | undefined;
  readonly emit: Listener;
}

/** An operation whose machines are those of a fleet. */
export function operationOn(
  fleet: Fleet,
  { config, release }: Pick<Operation, "config" | "release">,
  { certificates, former, emit }: Circumstances,
): Operation {
  return {
    config,
    release,
    certificates,
    ...(former && { former }),
    connections: (address) => connectionTo(fleet, address),
    holder: "the test",
    clock: () => new Date(),
    signal: new AbortController().signal,
    emit,
  };
}

function connectionTo(fleet: Fleet, address: string): Connection {
  const node = fleet.nodes.find(({ machine }) => machine.address === address);
  if (node === undefined) throw new Error(`There is no machine at ${address}`);
  const { host, port, user, privateKey, hostKey } = node;
  return { host, port, user, privateKey: new Secret(privateKey), hostKey };
}
