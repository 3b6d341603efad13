import { describe, expect, it } from "vitest";

import { paceOf } from "../../../provider/reconcile/print.ts";
import { up } from "../../../provider/reconcile/up.ts";
import { planesOf } from "../../../provider/resources/planes.ts";
import { aWorld, everything, master, nodesOf, type Roles, wanted, worker } from "../../support/facts.ts";

const etcd: Roles = ["etcd"];
const workers = (count: number): readonly Roles[] => Array.from({ length: count }, () => worker);

const planes = async (args: object, unknown: readonly (readonly string[])[] = []) =>
  planesOf((await wanted(args)).config, { unknown });

describe("planesOf()", () => {
  it("says at which pace a percentage comes out", async () => {
    const nodes = nodesOf(master, ...workers(8));

    expect((await planes({ nodes, upgradeStrategy: { maxUnavailableWorker: "25%" } })).worker).toBe(
      "v1.31.4, 8 nodes, 2 at a time",
    );
    expect((await planes({ nodes })).worker).toBe("v1.31.4, 8 nodes, one at a time");
  });

  it("tells workers that are servers, too, from those that are not: they roll with the servers", async () => {
    const nodes = nodesOf(everything, everything, everything, worker, worker);

    expect(await planes({ nodes, upgradeStrategy: { maxUnavailableWorker: 2 } })).toMatchObject({
      controlplane: "v1.31.4, 3 nodes, one at a time",
      worker: "v1.31.4, 5 nodes: control planes one at a time, workers all at once",
    });
  });

  it("says that a plane has no nodes, and what is not known yet", async () => {
    const nodes = nodesOf(master, master, master);

    expect((await planes({ nodes })).worker).toBe("none");
    expect((await planes({ nodes }, [["upgradeStrategy", "maxUnavailableControlplane"]])).controlplane).toBe(
      "v1.31.4, 3 nodes, not known yet",
    );
  });

  it.each([
    { name: "a default", roles: [master, master, master, ...workers(5)], strategy: {} },
    { name: "a number", roles: [master, master, ...workers(5)], strategy: { maxUnavailableWorker: 3 } },
    { name: "a percentage", roles: [master, ...workers(9)], strategy: { maxUnavailableWorker: "50%" } },
    { name: "all workers", roles: [master, ...workers(4)], strategy: { maxUnavailableWorker: "100%" } },
    { name: "more workers than there are", roles: [master, ...workers(2)], strategy: { maxUnavailableWorker: 7 } },
    {
      name: "a percentage of the control planes",
      roles: [etcd, ["controlplane"], ["controlplane"], ["controlplane"], ["controlplane"], worker],
      strategy: { maxUnavailableControlplane: "50%" },
    },
    { name: "nodes that are everything", roles: [everything, everything, everything], strategy: {} },
  ] satisfies { name: string; roles: readonly Roles[]; strategy: object }[])(
    "names the pace of the runbook that upgrades, with $name",
    async ({ roles, strategy }) => {
      const args = { nodes: nodesOf(...roles), upgradeStrategy: strategy };
      const runbook = up(await aWorld({ args, before: { ...args, kubernetesVersion: "v1.30.8-rancher1-1" } }));
      const paceIn = (title: string): string | undefined => {
        const phase = runbook.find((one) => one.title === title);
        return phase && `${phase.lanes.length} nodes, ${paceOf(phase.width, phase.lanes.length)}`;
      };
      const said = await planes(args);
      const isRolled = roles.some((role) => role === worker);

      expect(said.etcd).toMatch(rolls(paceIn("Change etcd")));
      expect(said.controlplane).toMatch(rolls(paceIn("Change control planes")));
      expect(said.worker).toMatch(rolls(paceIn(isRolled ? "Change workers" : "Change control planes")));
    },
  );

  it("names the addons, those that people bring along among them", async () => {
    const nodes = nodesOf(everything);

    expect((await planes({ nodes })).addons).toBe("none");
    const addons = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";

    expect((await planes({ nodes, dns: { provider: "coredns" }, addons })).addons).toBe("coredns, your own");
    expect((await planes({ nodes }, [["addons"]])).addons).toBe("not known yet");
  });
});

/** What is said of a plane where a phase does this; of one node there is nothing to say about the pace. */
const rolls = (phase: string | undefined): RegExp =>
  new RegExp(`, ${(phase ?? "no such phase").replace(/^1 nodes, .*/, "1 node")}$`);
