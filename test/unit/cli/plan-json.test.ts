import { describe, expect, it } from "vitest";

import { nodeJson, planJson } from "../../../provider/cli/plan-json.ts";
import { planned, plannedVector } from "../../support/planned.ts";
import { type Json, peerPlan } from "../../support/vectors.ts";
import { oneNode, threeNodes } from "./world.ts";

const jsonOf = (clusterYml: string): Json => planJson(planned(clusterYml));

describe("planJson()", () => {
  it("planJson() has the keys of RKE's own answers, for the plan and for each node", () => {
    const ours: Json = planJson(plannedVector("three-all-in-one"));
    const peers = peerPlan("three-all-in-one");

    expect(Object.keys(ours).sort()).toEqual(Object.keys(peers).sort());
    expect(Object.keys(ours.nodes[0]).sort()).toEqual(Object.keys(peers.nodes[0]).sort());
    expect(Object.keys(ours.nodes[0].processes.etcd).sort()).toEqual(Object.keys(peers.nodes[0].processes.etcd).sort());
  });

  it("planJson() says that no machine was asked", () => {
    expect(jsonOf(oneNode).up).toMatchObject({ ran: false, note: expect.stringContaining("no machine was asked") });
  });

  it("planJson() passes warnings on", () => {
    expect(planJson(planned(oneNode), { warnings: ["odd"] })).toMatchObject({ warnings: ["odd"] });
  });

  it("planJson() has null for what is not set, and empty for what Docker has a word for", () => {
    const { processes } = jsonOf(oneNode).nodes[0];

    expect(processes["service-sidekick"]).toMatchObject({
      cmd: null,
      env: null,
      binds: null,
      restartPolicy: "",
      user: "",
    });
  });

  it("planJson() lists the recurring snapshots among the containers, and not in the node plan", () => {
    const { processes, upContainers } = jsonOf(oneNode).nodes[0];

    const snapshots = upContainers.find(({ name }: Json) => name === "etcd-rolling-snapshots");
    expect([processes["etcd-rolling-snapshots"], snapshots.started, snapshots.labels]).toEqual([undefined, true, null]);
  });
});

describe("nodeJson()", () => {
  it("nodeJson() has the file with the keys for Secrets on every node, as RKE's declarative plan has", () => {
    const plan = planned(`${threeNodes}services: {kube-api: {secrets_encryption_config: {enabled: true}}}\n`);

    const paths = plan.nodes.map((node) => {
      const { planFiles, upFiles }: Json = nodeJson(node, plan);
      return [planFiles, upFiles].map((files) => files.some(({ path }: Json) => path.endsWith("/encryption.yaml")));
    });

    expect(paths).toEqual([
      [true, true],
      [true, false],
      [true, false],
    ]);
  });
});
