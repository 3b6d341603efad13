import type { ContainerSpec } from "../../../provider/desired/container-spec.ts";
import { specHash } from "../../../provider/desired/container-spec.ts";
import type { NodeContainer } from "../../../provider/desired/node-plan.ts";
import type { Bundle, BundleCertificate } from "../../../provider/pki/bundle.ts";
import { Secret } from "../../../provider/secrets.ts";
import type { Fleet, FleetOptions } from "../../fleet/fleet.ts";
import type { Machine } from "../../fleet/machine.ts";
import { program, runs } from "../../fleet/programs.ts";
import { machinesFor, rkeCluster } from "../../fleet/rke-cluster.ts";
import { type KeyPair, testAuthority } from "../../fleet/test-certificates.ts";
import { aTestFleet, contextOn, type FleetContext, TOOLS } from "../execute/on-a-fleet.ts";

/** The address of the first machine of every fleet. */
export const NODE = "10.0.0.1";

export const HYPERKUBE = "rancher/hyperkube:v1.31.4-rancher1";

/** Runs until it is stopped. */
const sleeper = program("sleeper", runs("sleeper"), () => undefined);

/** Says why, and ends with code 3. */
const quitter = program("quitter", runs("quitter"), ({ log }) => {
  log("first line");
  log("panic: no such host");
  return 3;
});

export interface OneMachine {
  readonly fleet: Fleet;
  readonly machine: Machine;
  readonly context: FleetContext;
  /** As a process that was started anew would have it. */
  again(): FleetContext;
}

/** One machine with the tools image on it, and what a step needs to reach it. */
export async function oneMachine(options: Partial<FleetOptions> = {}): Promise<OneMachine> {
  const fleet = await aTestFleet({ nodes: 1, images: [TOOLS], programs: [sleeper, quitter], ...options });
  const { machine } = fleet.node("node-1");
  return { fleet, machine, context: contextOn(fleet), again: () => contextOn(fleet) };
}

/** A container that stays, as a plan has it. */
export function aContainer(changes: Partial<ContainerSpec> = {}, { starts = true } = {}): NodeContainer {
  const spec: ContainerSpec = {
    name: "kubelet",
    image: TOOLS,
    entrypoint: ["sleeper"],
    restartPolicy: "always",
    networkMode: "host",
    labels: { "io.rancher.rke.container.name": "kubelet" },
    ...changes,
  };
  return { spec, starts, usesRegistryCredentials: false, hash: specHash(spec) };
}

/** Names of all containers with their state: `kubelet running`. */
export const standing = (machine: Machine): readonly string[] =>
  [...machine.containers.values()].map(({ name, status }) => `${name} ${status}`).sort();

const authority = testAuthority();

export interface Members {
  readonly fleet: Fleet;
  readonly context: FleetContext;
  /** Containers of the vector by node and name. */
  readonly spec: Awaited<ReturnType<typeof rkeCluster>>["spec"];
  /** A certificate of the cluster's CA. */
  readonly issue: typeof authority.issue;
}

/** Three machines with a cluster that RKE has made, or with some of its containers, and an empty fourth. */
export async function aCluster(options: Partial<FleetOptions> & { only?: readonly string[] } = {}): Promise<Members> {
  const { only, ...rest } = options;
  const nodes = [...machinesFor("three-all-in-one"), { name: "node-4", address: "10.0.0.4" }];
  const fleet = await aTestFleet({ nodes, images: [TOOLS], ...rest });
  const cluster = await rkeCluster(fleet, "three-all-in-one", { authority, ...(only !== undefined && { only }) });
  const certificates: Bundle = Object.fromEntries(
    [
      entry("kube-ca", authority),
      entry("kube-admin", cluster.admin),
      entry("kube-node", nodeIdentity),
      entry("kube-apiserver", serverIdentity),
    ].map((certificate) => [certificate.name, certificate]),
  );
  return { fleet, context: contextOn(fleet, { certificates }), spec: cluster.spec, issue: authority.issue };
}

const nodeIdentity = authority.issue({ commonName: "system:node", organization: "system:nodes" });
const serverIdentity = authority.issue({ commonName: "kube-apiserver" });

const entry = (name: string, { cert, key }: KeyPair): BundleCertificate => ({
  name,
  certificate: cert,
  key: new Secret(key),
  kubeconfig: undefined,
});
