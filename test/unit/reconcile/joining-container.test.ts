import { describe, expect, it } from "vitest";

import { joiningContainer } from "../../../provider/reconcile/joining-container.ts";
import type { World } from "../../../provider/reconcile/runbook.ts";
import { aWorld, master, nodesOf } from "../../support/facts.ts";

const firstPlan = ({ desired: { nodes } }: World) => {
  const [plan] = nodes;
  if (plan === undefined) throw new Error("There is no node");
  return plan;
};

const member = (name: string, number: number) => ({ name, peerUrls: [`https://10.0.0.${number}:2380`] });

async function initialCluster(members: readonly ReturnType<typeof member>[]): Promise<string | undefined> {
  const world = await aWorld({ args: { nodes: nodesOf(master, master, master) } });
  const { spec } = joiningContainer(world, firstPlan(world), { members });
  return spec.cmd?.find((word) => word.startsWith("--initial-cluster="))?.slice("--initial-cluster=".length);
}

describe("joiningContainer()", () => {
  it("lists the members of the moment, and not those that are wanted in the end", async () => {
    expect(await initialCluster([member("etcd-node-7", 7), member("", 1)])).toBe(
      "etcd-node-7=https://10.0.0.7:2380,etcd-node-1=https://10.0.0.1:2380",
    );
  });

  it("gives no two members one name: etcd would take them for one", async () => {
    const members = [member("etcd-node-1", 7), member("etcd-node-8", 8), member("etcd-node-8", 9), member("", 1)];

    expect(await initialCluster(members)).toBe(
      "member-1=https://10.0.0.7:2380,etcd-node-8=https://10.0.0.8:2380,member-3=https://10.0.0.9:2380,etcd-node-1=https://10.0.0.1:2380",
    );
  });

  it("says that the cluster is there", async () => {
    const world = await aWorld({ args: { nodes: nodesOf(master) } });
    const { spec } = joiningContainer(world, firstPlan(world), { members: [] });

    expect(spec.cmd).toContain("--initial-cluster-state=existing");
  });

  it("is the container that is wanted ever after", async () => {
    const world = await aWorld({ args: { nodes: nodesOf(master) } });
    const plan = firstPlan(world);
    const joining = joiningContainer(world, plan, { members: [member("etcd-node-7", 7)] });

    expect(joining.hash).toBe(plan.containers.find(({ spec }) => spec.name === "etcd")?.hash);
  });
});
