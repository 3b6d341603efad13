import { describe, expect, it } from "vitest";

import type { Pod } from "../../../provider/hosts/kube-objects.ts";
import { selects } from "../../../provider/steps/disruption-budgets.ts";
import { podsToEvict, whyNotDrain } from "../../../provider/steps/pods-to-evict.ts";

const pod = (name: string, { kind, ...changes }: { kind?: string } & Partial<Pod> = {}): Pod => ({
  metadata: {
    name,
    namespace: "shop",
    ...(kind !== undefined && { ownerReferences: [{ kind, name: "owner", controller: true }] }),
    ...changes.metadata,
  },
  spec: changes.spec ?? {},
  status: changes.status ?? { phase: "Running" },
});

const web = pod("web", { kind: "ReplicaSet" });
const agent = pod("agent", { kind: "DaemonSet" });
const lonely = pod("lonely");
const cache = pod("cache", { kind: "ReplicaSet", spec: { volumes: [{ emptyDir: {} }] } });

describe("podsToEvict()", () => {
  it("takes what a controller makes elsewhere again", () => {
    expect(podsToEvict([web, agent], {})).toEqual([web]);
  });

  it.each(["Succeeded", "Failed"])("leaves out pods that have %s", (phase) => {
    expect(podsToEvict([pod("job", { kind: "Job", status: { phase } })], {})).toEqual([]);
  });

  it("takes pods of DaemonSets when they are not to be ignored", () => {
    expect(podsToEvict([agent], { ignoreDaemonSets: false })).toEqual([agent]);
  });
});

describe("whyNotDrain()", () => {
  it("has no objection to pods that come again", () => {
    expect(whyNotDrain([web, agent], {})).toBeUndefined();
  });

  it("gives all reasons with all pods at once", () => {
    expect(whyNotDrain([web, agent, lonely, cache], { ignoreDaemonSets: false })).toBe(
      "pods of DaemonSets would come back: shop/agent; nothing would make these pods again (force): shop/lonely; " +
        "pods would lose their emptyDir (deleteLocalData): shop/cache",
    );
  });

  it("is told what may be lost", () => {
    expect(whyNotDrain([lonely, cache], { force: true, deleteLocalData: true })).toBeUndefined();
  });

  it("does not mind a pod that is leaving already", () => {
    const leaving = pod("lonely", { metadata: { name: "lonely", deletionTimestamp: "2026-01-01T00:00:00Z" } });

    expect(whyNotDrain([leaving], {})).toBeUndefined();
  });
});

describe("selects()", () => {
  const labels = { app: "db", tier: "back" };

  it.each([
    ["everything, when it is empty", {}, true],
    ["by labels", { matchLabels: { app: "db" } }, true],
    ["nothing with another label", { matchLabels: { app: "web" } }, false],
    ["a value of a list", { matchExpressions: [{ key: "app", operator: "In", values: ["db", "web"] }] }, true],
    [
      "no value that is not in the list",
      { matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] },
      false,
    ],
    ["a value that is in no list", { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }, true],
    ["what lacks the label, by NotIn", { matchExpressions: [{ key: "zone", operator: "NotIn", values: ["a"] }] }, true],
    ["by existence", { matchExpressions: [{ key: "app", operator: "Exists" }] }, true],
    ["by absence", { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] }, false],
  ])("selects %s", (_, selector, expected) => {
    expect(selects(selector, labels)).toBe(expected);
  });
});
