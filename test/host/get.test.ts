import { afterEach, describe, expect, it } from "vitest";

import { clusterHandler } from "../../provider/resources/cluster.ts";
import type { Properties } from "../../provider/resources/handler.ts";
import { identityHandler } from "../../provider/resources/identity.ts";
import { nodeHandler } from "../../provider/resources/node.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { surroundings } from "../unit/resources/surroundings.ts";
import { all, registered, Stack } from "./on-fleet.ts";

let fleet: Fleet;
afterEach(async () => fleet?.close());

/** What `get` registers beside its arguments. */
const __call = { isPreview: true, urn: "urn:x" };

/** The state of a cluster, and the arguments by which another stack would read it. */
async function aCluster(): Promise<{ state: Properties; args: Properties }> {
  fleet = await aFleet({ nodes: 1 });
  const stack = new Stack();
  const inputs = registered(fleet, { "node-1": all });
  await stack.up(inputs);
  const { identity, kubeconfig, clusterId } = stack.state;
  return { state: stack.state, args: { ...inputs, identity, kubeconfig, clusterId, __call } };
}

describe("RkeCluster.get", () => {
  it("shows a cluster of another stack, and changes nothing", async () => {
    const { state, args } = await aCluster();
    fleet.journal.events.length = 0;

    const { id, props } = await clusterHandler(surroundings()).read({ id: String(state.clusterId), olds: args });

    const { endpoints, nodeStatus, planes, release, kubeconfig } = state;
    expect(id).toBe(state.clusterId);
    expect(props).toMatchObject({ endpoints, nodeStatus, planes, release, kubeconfig });
    expect(props).not.toHaveProperty("__call");
    expect(fleet.journal.lines({ kind: "container created" })).toEqual([]);
  });

  it.each([
    ["another id", { id: "other" }, {}, /the identity is that of the cluster/],
    ["no nodes", {}, { nodes: {} }, /nodes: /],
    ["no identity", {}, { identity: undefined, clusterId: undefined }, /Give RkeCluster\.get the clusterId/],
  ])("says what is missing: %s", async (_, call, changes, reason) => {
    const { state, args } = await aCluster();

    const reading = clusterHandler(surroundings()).read({
      id: String(state.clusterId),
      olds: { ...args, ...changes },
      ...call,
    });

    await expect(reading).rejects.toThrow(reason);
  });
});

describe("RkeIdentity.get", () => {
  it("has the outputs of the identity whose bundle it is given", async () => {
    const handler = identityHandler(surroundings());
    const { id, outs } = await handler.create({ news: { server: "k8s.example.com" } });

    const { props } = await handler.read({ id, olds: { bundle: outs.bundle, server: "k8s.example.com", __call } });

    expect(props).toEqual(outs);
  });

  it.each([
    ["no bundle", {}, "its keys are nowhere but in the state of its own stack"],
    ["another cluster's bundle", undefined, "the bundle is that of the cluster"],
  ])("refuses to read by %s", async (_, state, because) => {
    const handler = identityHandler(surroundings());
    const { outs } = await handler.create({ news: {} });

    const reading = handler.read({ id: "other", olds: state ?? { bundle: outs.bundle } });

    await expect(reading).rejects.toThrow(because);
  });
});

describe("RkeNode.get", () => {
  it("shows the machine as it is", async () => {
    fleet = await aFleet({ nodes: 1 });
    const { host, port, user, privateKey, hostKey } = fleet.node("node-1");
    const olds = { host, port, user, privateKey, address: "10.0.0.1", roles: ["worker"], __call };

    const { props } = await nodeHandler(surroundings()).read({ id: "10.0.0.1", olds });

    expect(props).toMatchObject({ hostKey, facts: { hostname: "node-1" } });
    expect(props).not.toHaveProperty("__call");
  });

  it("says what it takes to get in", async () => {
    const reading = nodeHandler(surroundings()).read({ id: "10.0.0.1", olds: {} });

    await expect(reading).rejects.toThrow(/Give RkeNode\.get the arguments of the node/);
  });
});
