import type { Properties } from "../../provider/resources/handler.ts";
import { nodeHandler } from "../../provider/resources/node.ts";
import { aFleet, type Fleet, type FleetOptions } from "../fleet/fleet.ts";
import { sshKeyPair } from "../fleet/ssh-server.ts";
import { all, type Roles, registered, Stack } from "../host/on-fleet.ts";
import { archiveOfRke } from "../runs/snapshots.ts";
import { plain, unplug } from "../runs/unlucky.ts";
import { surroundings } from "../unit/resources/surroundings.ts";

/** Something that goes wrong for a person, or that a preview has to say; the latter is thrown as a text. */
export interface Failure {
  /** Of the file in which the answer lies, and of the block in docs/when-it-fails.md that shows it. */
  readonly name: string;
  readonly nodes?: FleetOptions["nodes"];
  readonly roles?: Readonly<Record<string, Roles>>;
  /** Runs the cluster into it; what it throws, or else what was said last, is what a person reads. */
  readonly befall: (scene: Scene) => Promise<unknown>;
}

interface Scene {
  readonly fleet: Fleet;
  readonly stack: Stack;
  /** The arguments of the cluster, and what is to be different. */
  readonly wanted: (more?: Properties) => Properties;
}

const another = "v1.32.4-rancher1-1";

export const failures: readonly Failure[] = [
  {
    name: "config",
    befall: ({ stack, wanted }) =>
      stack.checked(
        wanted({ kubernetesVersion: "v1.31.99", services: { kubelet: { clusterDnsServer: "10.44.0.10" } } }),
      ),
  },
  {
    name: "config-fixed",
    befall: async ({ stack, wanted }) => {
      await stack.up(wanted());
      await stack.checked(wanted({ network: { plugin: "calico" } }));
    },
  },
  {
    name: "ssh-refused",
    befall: ({ fleet }) => meet(fleet, { privateKey: sshKeyPair().privateKey, waitFor: "2s" }),
  },
  {
    name: "ssh-host-key",
    befall: ({ fleet }) => meet(fleet, { hostKey: sshKeyPair().publicKey }),
  },
  {
    name: "ssh-missing",
    roles: { "node-1": all, "node-2": ["worker"], "node-3": ["worker"] },
    befall: async ({ fleet, stack, wanted }) => {
      await stack.up(wanted());
      unplug(fleet, "node-3");
      await stack.up(wanted({ kubernetesVersion: another, upgradeStrategy: { maxUnavailableWorker: 2 } }));
    },
  },
  {
    name: "docker",
    befall: ({ fleet, stack, wanted }) => {
      fleet.faults.refuse(500, "no space left on device", { what: /POST \/containers\/etcd\/start/ });
      return stack.up(wanted());
    },
  },
  {
    name: "registry",
    befall: ({ fleet, stack, wanted }) => {
      fleet.faults.failPulls("denied", { what: /hyperkube/ });
      return stack.up(wanted());
    },
  },
  {
    name: "etcd",
    roles: { "node-1": all, "node-2": all, "node-3": all },
    befall: async ({ fleet, stack, wanted }) => {
      await stack.up(registered(fleet, { "node-1": all }));
      fleet.faults.refuse(400, "etcdserver: unhealthy cluster", { layer: "etcd", what: /member\/add/ });
      await stack.up(wanted());
    },
  },
  {
    name: "kube",
    befall: ({ fleet, stack, wanted }) => {
      fleet.faults.refuse(403, 'clusterrolebindings "system:node" is forbidden', {
        layer: "kube",
        what: /clusterrolebindings/,
      });
      return stack.up(wanted());
    },
  },
  {
    name: "timeout",
    befall: ({ fleet, stack, wanted }) => {
      fleet.faults.slowStart("kube-apiserver", 60_000);
      return stack.up(wanted({ timeouts: { create: "2s" } }));
    },
  },
  {
    name: "cancelled",
    befall: async ({ fleet, stack, wanted }) => {
      const stop = fleet.journal.onEvent(({ kind }) => {
        if (kind === "api server ready") process.emit("SIGINT");
      });
      await stack.up(wanted()).finally(stop);
    },
  },
  {
    name: "unsafe-lock",
    befall: async ({ fleet, stack, wanted }) => {
      let second: Promise<unknown> | undefined;
      const stop = fleet.journal.onEvent(({ kind }) => {
        if (kind === "api server ready")
          second ??= stack.up(wanted()).then(
            () => undefined,
            (error: unknown) => error,
          );
      });
      await new Stack().up(wanted());
      stop();
      throw await second;
    },
  },
  {
    name: "unsafe-machines",
    nodes: [
      { name: "node-1", machineId: "4c1d1c2f7a5e4d1c9c1a4f7c2b9d0e11" },
      { name: "node-2", machineId: "4c1d1c2f7a5e4d1c9c1a4f7c2b9d0e11", clockOffsetMs: 90_000 },
    ],
    roles: { "node-1": all, "node-2": ["worker"] },
    befall: ({ stack, wanted }) => stack.up(wanted()),
  },
  {
    name: "unsafe-quorum",
    roles: { "node-1": all, "node-2": all, "node-3": all },
    befall: async ({ fleet, stack, wanted }) => {
      await stack.up(wanted());
      fleet.invariants.suspend("quorum");
      fleet.invariants.suspend("control plane");
      for (const name of ["node-2", "node-3"]) unplug(fleet, name);
      await stack.up(wanted({ kubernetesVersion: another }));
    },
  },
  {
    name: "etcd-unsaved",
    befall: async ({ fleet, stack, wanted }) => {
      await stack.up(wanted());
      fleet.journal.onEvent(({ kind, what }) => {
        const { disk } = fleet.node("node-1").machine;
        if (kind === "container created" && what.startsWith("pulumi-rke-snapshot")) disk.full = true;
      });
      await stack.up(wanted({ services: { etcd: { extraArgs: { "snapshot-count": "5000" } } } }));
    },
  },
  {
    name: "unsafe-width",
    roles: { "node-1": all, "node-2": ["worker"], "node-3": ["worker"] },
    befall: async ({ fleet, stack, wanted }) => {
      await stack.up(wanted());
      unplug(fleet, "node-3");
      await stack.up(wanted({ kubernetesVersion: another }));
    },
  },
  {
    name: "state",
    befall: async ({ stack, wanted }) => {
      await stack.up(wanted());
      stack.state = { ...stack.state, stateVersion: 2 };
      await stack.preview(wanted({ kubernetesVersion: another }));
    },
  },
  {
    name: "restore-unconfirmed",
    befall: ({ stack, wanted }) => stack.checked(wanted({ restore: { from: snapshot, confirm: "" } })),
  },
  {
    name: "restore-preview",
    roles: { "node-1": all, "node-2": all, "node-3": all },
    befall: async ({ stack, wanted }) => {
      await stack.up(wanted());
      throw (await stack.preview(wanted(restoring))).text;
    },
  },
  {
    name: "restore-absent",
    roles: { "node-1": all, "node-2": all, "node-3": all },
    befall: async ({ stack, wanted }) => {
      await stack.up(wanted());
      await stack.up(wanted(restoring));
    },
  },
  {
    name: "restore-given-up",
    roles: { "node-1": all, "node-2": all, "node-3": all },
    befall: async ({ fleet, stack, wanted }) => {
      await stack.up(wanted());
      fleet.node("node-1").machine.disk.write(`/opt/rke/etcd-snapshots/${snapshot}.zip`, archiveOfRke(fleet, snapshot));
      fleet.faults.refuse(500, "no space left on device", { node: "node-3", what: /POST \/containers\/etcd\/start/ });
      await stack.up(wanted(restoring)).catch(() => undefined);
      throw (await stack.preview(wanted())).text;
    },
  },
];

const snapshot = "before-upgrade";
const restoring = { restore: { from: snapshot, confirm: snapshot } };

/** A node without a cluster: it is made before, and its answer is the plainest. */
const meet = (fleet: Fleet, more: Properties): Promise<unknown> => {
  const { host, port, user, privateKey, machine } = fleet.node("node-1");
  const machineArgs = { host, port, user, address: machine.address, hostnameOverride: "node-1", roles: all };
  return nodeHandler(surroundings()).create({ news: { ...machineArgs, privateKey, ...more } });
};

/** What a person reads of a failure. Fails when nothing goes wrong. */
export async function answerTo({ name, befall, roles = { "node-1": all }, nodes }: Failure): Promise<string> {
  const fleet = await aFleet({ nodes: nodes ?? Object.keys(roles).length });
  try {
    const wanted = (more: Properties = {}) => registered(fleet, roles, more);
    const error: unknown = await befall({ fleet, stack: new Stack(), wanted }).then(
      () => new Error(`${name} has not come about`),
      (reason: unknown) => reason,
    );
    return `${timeless(error instanceof Error ? error.message : String(error))}\n`;
  } finally {
    await fleet.close();
  }
}

/** Without what differs from run to run: ports, times, and who ran it. All machines of a fleet listen at one address. */
const timeless = (text: string): string =>
  plain(text)
    .replaceAll(/(node-(\d)) \(127\.0\.0\.1\)/g, "$1 (10.0.0.$2)")
    .replaceAll("port PORT", "port 22")
    .replaceAll(/[\w.-]+@[\w.-]+, pid \d+/g, "anna@laptop, pid 4711")
    .replaceAll(/of [0-9a-f]{32}\b/g, "of CLUSTER")
    .replaceAll(/\b20\d\d-\d\d-\d\dT[\d-]+Z/g, "2026-11-21T08-00-00Z");
