import { describe, expect, it } from "vitest";

import { bootstrap } from "../../../../provider/reconcile/phases/bootstrap.ts";
import { deployFiles } from "../../../../provider/reconcile/phases/deploy-files.ts";
import { pullImages } from "../../../../provider/reconcile/phases/pull-images.ts";
import { aWorld, lanesOf, threeAndTwo } from "../../../support/facts.ts";

const nodes = threeAndTwo;

describe("pullImages()", () => {
  it("fetches what is missing on machines where something is to be made", async () => {
    const before = { nodes, kubernetesVersion: "v1.30.8-rancher1-1" };
    const world = await aWorld({ args: { nodes }, before });

    expect(lanesOf(pullImages(world)).at(-1)).toEqual(["pull rancher/hyperkube:v1.31.4-rancher1"]);
  });

  it("fetches nothing for machines that are as they should be, even when an image is gone", async () => {
    const world = await aWorld({ args: { nodes }, since: (cluster) => cluster.machine("10.0.0.4").images.clear() });

    expect(lanesOf(pullImages(world))).toEqual([]);
  });
});

describe("deployFiles()", () => {
  it("names the files when there are few", async () => {
    const path = "/etc/kubernetes/ssl/kube-node.pem";
    const world = await aWorld({
      args: { nodes },
      since: (cluster) => cluster.machine("10.0.0.4").files.set(path, { sha256: "another", mode: 0o600 }),
    });

    expect(lanesOf(deployFiles(world))).toEqual([["write kube-node.pem"]]);
  });

  it("counts them when there are many", async () => {
    const world = await aWorld({ args: { nodes }, before: "none" });

    expect(lanesOf(deployFiles(world)).at(-1)).toEqual(["write 7 files"]);
  });
});

describe("bootstrap()", () => {
  it("grants what is missing", async () => {
    const world = await aWorld({ args: { nodes }, since: ({ bootstrapped }) => bootstrapped.delete("system:node") });

    expect(lanesOf(bootstrap(world))).toEqual([["apply ClusterRoleBinding system:node"]]);
  });

  it("grants nothing where it is there", async () => {
    expect(lanesOf(bootstrap(await aWorld({ args: { nodes } })))).toEqual([]);
  });
});
