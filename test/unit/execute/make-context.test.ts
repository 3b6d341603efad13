import { describe, expect, it } from "vitest";

import type { Bundle } from "../../../provider/pki/bundle.ts";
import { Secret } from "../../../provider/secrets.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { machinesFor, rkeCluster } from "../../fleet/rke-cluster.ts";
import { type KeyPair, testAuthority } from "../../fleet/test-certificates.ts";
import { aTestFleet, contextOn, type FleetContext } from "./on-a-fleet.ts";

const authority = testAuthority();

const certificate = (name: string, { cert, key }: KeyPair): Bundle => ({
  [name]: { name, certificate: cert, key: new Secret(key), kubeconfig: undefined },
});

/** Three machines with everything on each of them, and a context for them. */
async function aCluster(): Promise<{ fleet: Fleet; context: FleetContext }> {
  const fleet = await aTestFleet({ nodes: machinesFor("three-all-in-one") });
  const { admin } = await rkeCluster(fleet, "three-all-in-one", { authority });
  const node = authority.issue({ commonName: "system:node", organization: "system:nodes" });
  const certificates = {
    ...certificate("kube-ca", authority),
    ...certificate("kube-admin", admin),
    ...certificate("kube-node", node),
  };
  return { fleet, context: contextOn(fleet, { certificates }) };
}

describe("makeContext()", () => {
  it("opens nothing by itself", async () => {
    const fleet = await aTestFleet({ nodes: 1 });

    contextOn(fleet);

    expect(fleet.trips.all).toEqual([]);
  });

  it("names machines as people do", async () => {
    const context = contextOn(await aTestFleet({ nodes: 1 }));

    expect([context.nameOf("10.0.0.1"), context.nameOf("10.0.0.9")]).toEqual(["node-1 (10.0.0.1)", "10.0.0.9"]);
  });

  it("reaches the Docker engine of a machine", async () => {
    const context = contextOn(await aTestFleet({ nodes: 1 }));

    expect(await context.docker("10.0.0.1").info()).toMatchObject({ Name: "node-1" });
  });

  it("has one host, one etcd client and one API client per machine", async () => {
    const { context, fleet } = await aCluster();
    const address = fleet.nodes[0]?.machine.address ?? "";

    expect(context.host(address)).toBe(context.host(address));
    expect(context.etcd(address)).toBe(context.etcd(address));
    expect(await context.kube(address)).toBe(await context.kube(address));
  });

  it("talks to the etcd member of a machine as kube-node", async () => {
    const { context, fleet } = await aCluster();

    const members = await context.etcd(fleet.nodes[1]?.machine.address ?? "").members();

    expect(members).toHaveLength(3);
  });

  it("talks to an API server as kube-admin, wherever one is ready", async () => {
    const { context, fleet } = await aCluster();
    const stopped = fleet.node("node-1").machine.find("kube-apiserver");
    stopped?.stop();

    const nodes = await (await context.kube()).nodes();

    expect(nodes).toHaveLength(3);
  });

  it("says whose certificate is missing", async () => {
    const context = contextOn(await aTestFleet({ nodes: 1 }));

    expect(() => context.etcd("10.0.0.1")).toThrow("Cannot log in as kube-node");
  });

  it("sleeps no longer than the run", async () => {
    const run = new AbortController();
    const context = contextOn(await aTestFleet({ nodes: 1 }), { signal: run.signal });

    const sleeping = context.sleep(60_000);
    run.abort(new Error("enough"));

    await expect(sleeping).rejects.toThrow("enough");
  });

  it("knows no difference of clocks that nobody has measured", async () => {
    const context = contextOn(await aTestFleet({ nodes: 1 }));

    expect(context.clockOffsetMs("10.0.0.1")).toBe(0);
  });
});
