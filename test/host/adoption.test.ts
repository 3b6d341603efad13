import { afterEach, describe, expect, it } from "vitest";

import { readClusterYml } from "../../provider/config/cluster-yml.ts";
import { planCluster } from "../../provider/desired/cluster-plan.ts";
import type { EncryptionKey } from "../../provider/desired/files/encryption.ts";
import { pkiSubject } from "../../provider/desired/pki-subject.ts";
import { type Bundle, issueBundle } from "../../provider/pki/bundle.ts";
import { deployedFiles } from "../../provider/pki/deployed-files.ts";
import { toRkeState } from "../../provider/pki/rke-state.ts";
import type { Properties } from "../../provider/resources/handler.ts";
import { readTakeover } from "../../provider/resources/takeover.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { machinesFor, rkeCluster } from "../fleet/rke-cluster.ts";
import { configOf } from "../runs/operation-on.ts";
import { peerPlan, vector } from "../support/vectors.ts";
import { fingerprints, issueOptions } from "../unit/pki/world.ts";
import { Stack } from "./on-fleet.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

describe("RkeCluster with adopt", () => {
  it.each(["single-node", "three-all-in-one", "separated-planes"])(
    "takes over what rke has left, and disturbs nothing: %s",
    async (name) => {
      const { stack, inputs, certificates } = await leftByRke(name);

      await stack.up(inputs);

      expect(fleet.journal.lines({ kind: "container stopped" })).toEqual([]);
      expect(fleet.journal.lines({ kind: "container started" })).toEqual([]);
      expect(fingerprints(readTakeover(String(stack.state.rkeState)).certificates).toSorted()).toEqual(
        fingerprints(certificates).toSorted(),
      );
      expect(await stack.preview(inputs)).toEqual({ changes: false, text: "" });
      fleet.invariants.assertHeld();
    },
  );

  it("does not need the state of rke any more afterwards", async () => {
    const { stack, inputs } = await leftByRke("single-node");
    await stack.up(inputs);
    const { adopt, ...without } = inputs;

    const { text } = await stack.preview(without);
    await stack.up(without);

    expect(adopt).toBeDefined();
    expect(text).toBe("");
    expect(fleet.journal.lines({ kind: "container stopped" })).toEqual([]);
  });

  it("goes on encrypting with the keys of the cluster, now and when the argument is gone", async () => {
    const key = { name: "entropic", secret: Buffer.alloc(32, 7).toString("base64") };
    const { stack, inputs } = await leftByRke("single-node", { key });
    await stack.up(inputs);
    const { adopt, ...without } = inputs;

    const { text } = await stack.preview(without);
    await stack.up(without);

    expect(adopt).toBeDefined();
    expect(text).toBe("");
    expect(stack.state.encryptionKeys).toEqual([key]);
    expect(JSON.parse(String(stack.state.rkeState)).currentState.encryptionConfig).toContain(key.secret);
    expect(fleet.node("node-1").machine.disk.read("/etc/kubernetes/ssl/encryption.yaml")?.toString()).toContain(
      key.secret,
    );
  });

  it("refuses an identity that is not that of the cluster", async () => {
    const { inputs } = await leftByRke("single-node");
    const stranger = new Stack();
    // Every world of the tests begins with the same keys, and a CA of the same second would be the same CA.
    await stranger.world.keys("the CA of another cluster");

    await expect(stranger.up(inputs)).rejects.toThrow("adopt.rkeState: The cluster of this state has another CA");

    expect(fleet.journal.events).toEqual([]);
  });
});

/** A cluster with the containers of a vector's plan, and inputs that would take it over with its state file. */
async function leftByRke(
  name: string,
  { key }: { key?: EncryptionKey } = {},
): Promise<{ stack: Stack; inputs: Properties; certificates: Bundle }> {
  fleet = await aFleet({ nodes: machinesFor(name) });
  const { args } = readClusterYml(vector(name).clusterYml) as { args: Properties };
  const encryption = key && { services: { kubeApi: { secretsEncryptionConfig: { enabled: true } } } };
  const given = { kubernetesVersion: peerPlan(name).rkeConfig.kubernetes_version, ...args, ...encryption };
  const { config, release } = configOf(given);
  const encryptionKeys = key === undefined ? [] : [key];
  const { bundle: certificates } = await issueBundle(pkiSubject(config), issueOptions({ clock: () => new Date() }));
  const plan = planCluster(config, release, { encryptionKeys });
  await rkeCluster(fleet, name, {
    files: ({ address }) =>
      plan.nodes
        .filter(({ node }) => node.address === address)
        .flatMap(({ node, files }) => [
          ...deployedFiles({ host: node, roles: node.role }, certificates).map(({ path, content }) => ({
            path,
            content: content.unwrap(),
          })),
          ...files,
        ]),
  });
  fleet.journal.events.length = 0;
  const half = {
    certificatesBundle: toRkeState(certificates).unwrap(),
    encryptionConfig: plan.nodes[0]?.files.find(({ path }) => path.endsWith("encryption.yaml"))?.content ?? "",
  };
  const adopt = { rkeState: JSON.stringify({ desiredState: half, currentState: half }) };
  const stack = new Stack({ adopt });
  return { stack, inputs: { ...inputsOf(given), adopt }, certificates };
}

/** The arguments as the class registers them, on the ports of the fleet. */
function inputsOf({ nodes, ...settings }: Properties): Properties {
  const machines = (nodes as readonly Properties[]).map(({ address, role, sshKey, sshKeyPath, port, ...node }) => {
    const login = fleet.nodes.find(({ machine }) => machine.address === address);
    if (login === undefined) throw new Error(`There is no machine at ${String(address)}`);
    const { host, privateKey } = login;
    const entry = { ...node, address, roles: role, host, port: login.port, user: login.user };
    return { name: login.machine.name, entry, connection: { privateKey } };
  });
  return {
    __provider: "text",
    name: "prod",
    ...settings,
    nodes: Object.fromEntries(machines.map(({ name, entry }) => [name, entry])),
    connections: Object.fromEntries(machines.map(({ name, connection }) => [name, connection])),
    secrets: {},
  };
}
