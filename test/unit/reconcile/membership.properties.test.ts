import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { membership } from "../../../provider/reconcile/membership.ts";
import { quorumOf } from "../../../provider/reconcile/quorum.ts";
import type { World } from "../../../provider/reconcile/runbook.ts";
import { aMachine, master, worker, worldOf } from "../../support/facts.ts";
import { ModelCluster } from "../../support/model.ts";
import { wanted } from "./scenario.ts";

interface Member {
  readonly state: "well" | "stopped" | "gone";
  readonly isWanted: boolean;
}

interface Situation {
  readonly members: readonly Member[];
  /** Nodes without a member that should have one. */
  readonly joining: number;
}

const situation: fc.Arbitrary<Situation> = fc.record({
  members: fc.array(
    fc.record({ state: fc.constantFrom<Member["state"]>("well", "well", "stopped", "gone"), isWanted: fc.boolean() }),
    { minLength: 1, maxLength: 4 },
  ),
  joining: fc.nat({ max: 2 }),
});

function worldWith({ members, joining }: Situation): World {
  // The API servers stand elsewhere, so that any node can come and go.
  const api = aMachine(50, ["controlplane"]);
  const old = members.map((_, index) => aMachine(index + 1, master));
  const before = wanted({ kubernetesVersion: "v1.31.4-rancher1-1", nodes: [api, ...old] });
  const staying = old.filter((_, index) => members[index]?.isWanted);
  const fresh = Array.from({ length: joining }, (_, index) => aMachine(index + 20, master));
  const after = wanted({
    kubernetesVersion: "v1.31.4-rancher1-1",
    nodes: [api, ...staying, ...fresh, aMachine(60, worker)],
  });
  const cluster = new ModelCluster().settle(before.plan, before.certificates);
  members.forEach(({ state }, index) => {
    const address = `10.0.0.${index + 1}`;
    if (state === "stopped") cluster.stop(address, "etcd");
    if (state === "gone") cluster.machine(address).answers = "to nobody";
  });
  return worldOf(cluster, { desired: after.plan, certificates: after.certificates, former: before.config.nodes });
}

/** Whether there is any order of joining and leaving, one at a time, that never loses the majority. Tries them all. */
function hasLegalOrder({ members, joining }: Situation): boolean {
  const isWell = ({ state, isWanted }: Member) => state === "well" || (state === "stopped" && isWanted);
  const leaving = members.filter(({ isWanted }) => !isWanted);
  const start = {
    all: members.length,
    well: members.filter(isWell).length,
    joining,
    wellLeaving: leaving.filter(isWell).length,
    deadLeaving: leaving.filter((one) => !isWell(one)).length,
  };
  const isRevived = members.some(({ state, isWanted }) => state === "stopped" && isWanted);
  const canAgree = (all: number, well: number) => all > 0 && well >= quorumOf(all);
  if (isRevived && !canAgree(start.all, start.well)) return false;
  const leadsHome = (now: typeof start): boolean => {
    const { all, well } = now;
    if (now.joining + now.wellLeaving + now.deadLeaving === 0) return true;
    if (!canAgree(all, well)) return false;
    return [
      { ...now, all: all + 1, well: well + 1, joining: now.joining - 1 },
      { ...now, all: all - 1, well: well - 1, wellLeaving: now.wellLeaving - 1 },
      { ...now, all: all - 1, deadLeaving: now.deadLeaving - 1 },
    ].some(
      (next) =>
        Math.min(next.joining, next.wellLeaving, next.deadLeaving) >= 0 &&
        canAgree(next.all, next.well) &&
        leadsHome(next),
    );
  };
  return leadsHome(start);
}

function isRefused(world: World): boolean {
  try {
    membership(world);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: "unsafe", message: expect.stringMatching(/\d of \d|the last member/) });
    return true;
  }
}

describe("membership()", () => {
  it("refuses when, and only when, there is no order of deeds that keeps the majority", () => {
    fc.assert(
      fc.property(situation, (described) => {
        fc.pre(described.joining > 0 || described.members.some(({ isWanted }) => isWanted));
        const world = worldWith(described);
        fc.pre(world.facts.etcd !== undefined);

        expect(isRefused(world)).toBe(!hasLegalOrder(described));
      }),
      { numRuns: Number(process.env.RUNS ?? 150) },
    );
  }, 60_000);
});
