import { onTestFinished } from "vitest";

import type { Context } from "../../../provider/execute/context.ts";
import { makeContext } from "../../../provider/execute/make-context.ts";
import { Hosts } from "../../../provider/hosts/hosts.ts";
import { Pool } from "../../../provider/hosts/pool.ts";
import type { Bundle } from "../../../provider/pki/bundle.ts";
import type { RunEvent } from "../../../provider/progress.ts";
import { Secret } from "../../../provider/secrets.ts";
import { aFleet, type Fleet, type FleetOptions } from "../../fleet/fleet.ts";
import { planned } from "../../support/planned.ts";

/** A fleet whose machines are all of a cluster, closed after the test. */
export async function aTestFleet(options: FleetOptions = { nodes: 3, images: [TOOLS] }): Promise<Fleet> {
  const fleet = await aFleet(options);
  onTestFinished(() => fleet.close());
  return fleet;
}

export const TOOLS = "rancher/rke-tools:v0.1.114";

export interface FleetContext extends Context {
  readonly events: readonly RunEvent[];
}

/** What steps get on a fleet; every call stands for a process of its own, with its own connections. */
export function contextOn(
  fleet: Fleet,
  {
    certificates = {},
    clock = () => new Date(),
    signal = new AbortController().signal,
  }: { certificates?: Bundle; clock?: () => Date; signal?: AbortSignal } = {},
): FleetContext {
  const pool = new Pool();
  const events: RunEvent[] = [];
  const nodes = fleet.nodes.map(
    ({ machine }) =>
      `- { address: ${machine.address}, user: rke, hostname_override: ${machine.name}, role: [${ROLES}] }`,
  );
  const hosts = new Hosts({
    pool,
    nameOf: (address) => fleet.nodes.find(({ machine }) => machine.address === address)?.machine.name ?? address,
    connections: (address) => {
      const node = fleet.nodes.find(({ machine }) => machine.address === address);
      if (node === undefined) throw new Error(`The fleet has no machine at ${address}`);
      const { host, port, user, privateKey, hostKey } = node;
      return { host, port, user, hostKey, privateKey: new Secret(privateKey) };
    },
  });
  const context = makeContext({
    plan: planned(["kubernetes_version: v1.31.4-rancher1-1", "nodes:", ...nodes].join("\n")),
    certificates,
    host: (address) => hosts.at(address),
    clock,
    signal,
    emit: (event) => events.push(event),
  });
  onTestFinished(async () => {
    hosts.close();
    await pool.close();
  });
  return { ...context, events };
}

const ROLES = "etcd, controlplane, worker";
