import { describe, expect, it } from "vitest";

import { closePorts, openPorts, tryPorts } from "../../../../provider/reconcile/phases/check-ports.ts";
import { aMachine, aWorld, everything, lanesOf, master, nodesOf, threeAndTwo, worker } from "../../../support/facts.ts";

const nodes = threeAndTwo;

/** The ports that a machine tries, as `from: to:port`. */
async function tried(words: Parameters<typeof aWorld>[0]): Promise<readonly string[]> {
  const steps = tryPorts(await aWorld(words)).lanes.flat();
  return steps.flatMap(({ node, params }) =>
    (params as { targets: { address: string; port: number }[] }).targets.map(
      ({ address, port }) => `${node}: ${address}:${port}`,
    ),
  );
}

describe("tryPorts()", () => {
  it("tries nothing for a cluster that has no new machines", async () => {
    expect(await tried({ args: { nodes } })).toEqual([]);
  });

  it("tries nothing for a machine that is alone", async () => {
    expect(await tried({ args: { nodes: nodesOf(everything) }, before: "none" })).toEqual([]);
  });

  it("tries what the roles need, and no more", async () => {
    const args = { nodes: nodesOf(["etcd"], ["controlplane"], worker) };

    expect(await tried({ args, before: "none" })).toEqual([
      "10.0.0.1: 10.0.0.2:6443",
      "10.0.0.2: 10.0.0.1:2379",
      "10.0.0.2: 10.0.0.1:10250",
      "10.0.0.2: 10.0.0.3:10250",
      "10.0.0.3: 10.0.0.2:6443",
    ]);
  });

  it("tries from a new worker to the API servers that are there, and back", async () => {
    const args = { nodes: [...nodesOf(master, worker), aMachine(3, worker)] };

    expect(await tried({ args, before: { nodes: nodesOf(master, worker) } })).toEqual([
      "10.0.0.1: 10.0.0.3:10250",
      "10.0.0.3: 10.0.0.1:6443",
    ]);
  });

  it("does not count ports on which nothing listens because its container is down", async () => {
    const args = { nodes: [...nodesOf(master, worker), aMachine(3, worker)] };
    const ports = await tried({
      args,
      before: { nodes: nodesOf(master, worker) },
      since: (cluster) => cluster.stop("10.0.0.1", "kube-apiserver"),
    });

    expect(ports).not.toContain("10.0.0.3: 10.0.0.1:6443");
  });

  it("does not ask for machines that cannot be reached", async () => {
    const ports = await tried({
      args: { nodes: nodesOf(master, worker, worker) },
      before: "none",
      since: (cluster) => {
        cluster.machine("10.0.0.3").answers = "to nobody";
      },
    });

    expect(ports.filter((line) => line.includes("10.0.0.3"))).toEqual([]);
  });
});

describe("openPorts() and closePorts()", () => {
  it("listen on new machines only", async () => {
    const world = await aWorld({ args: { nodes: [...nodes, aMachine(6, worker)] }, before: { nodes } });

    expect(lanesOf(openPorts(world))).toEqual([["listen on 10250"]]);
    expect(lanesOf(closePorts(world))).toEqual([["stop listening"]]);
  });
});
