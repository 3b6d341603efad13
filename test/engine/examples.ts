import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Fleet } from "../fleet/fleet.ts";
import type { S3Server } from "../fleet/s3-server.ts";
import type { Cloud } from "./cloud.ts";
import { loginOf, machineOf, machinesOf } from "./machines.ts";

export interface Example {
  readonly name: string;
  readonly machines: number;
  /** What is not the real thing in it, for the name of the test. */
  readonly standIn?: string;
  /** What the example wants to know, for a fleet. */
  config(fleet: Fleet, services: Services): Readonly<Record<string, unknown>>;
}

/** What there is beside the machines. */
export interface Services {
  readonly cloud: Cloud;
  /** Has a bucket, "backups". */
  readonly s3: S3Server;
}

/** Every example, and the configuration with which it runs on a fleet. */
export const examples: readonly Example[] = [
  {
    name: "single-node",
    machines: 1,
    config: (fleet) => ({ ...loginOf(fleet), machine: machineOf(fleet, "node-1") }),
  },
  {
    name: "three-nodes-ha",
    machines: 3,
    config: (fleet) => ({ ...loginOf(fleet), machines: machinesOf(fleet) }),
  },
  {
    name: "separate-planes",
    machines: 4,
    config: (fleet) => {
      const [etcd, controlplane, ...worker] = machinesOf(fleet);
      return { ...loginOf(fleet), etcd: [etcd], controlplane: [controlplane], worker };
    },
  },
  {
    name: "scale-and-upgrade",
    machines: 3,
    config: (fleet) => ({
      ...loginOf(fleet),
      control: machineOf(fleet, "node-1"),
      workers: { "web-1": machineOf(fleet, "node-2"), "web-2": machineOf(fleet, "node-3") },
      kubernetesVersion: "v1.30.9-rancher1-1",
    }),
  },
  {
    name: "vms-and-cluster",
    machines: 3,
    config: (fleet, { cloud: { url } }) => ({
      ...loginOf(fleet),
      cloud: url,
      names: fleet.nodes.map(({ machine }) => machine.name),
    }),
  },
  {
    name: "from-cluster-yml",
    machines: 1,
    config: (fleet) => ({ privateKey: loginOf(fleet).privateKey, file: clusterYmlFor(fleet) }),
  },
  {
    name: "kubernetes-provider",
    machines: 1,
    standIn: "pulumi-kubernetes",
    config: (fleet) => ({ ...loginOf(fleet), machine: machineOf(fleet, "node-1") }),
  },
  {
    name: "backup",
    machines: 1,
    config: (fleet, { s3: { endpoint, keys } }) => {
      const [[accessKey, s3SecretKey] = []] = Object.entries(keys);
      return {
        ...loginOf(fleet),
        machine: machineOf(fleet, "node-1"),
        s3: { endpoint, bucketName: "backups", accessKey },
        s3SecretKey,
        passphrase: "correct horse battery staple",
      };
    },
  },
];

/** Examples that take more than one stack, and so a test of their own. */
export const examplesOfStacks: readonly string[] = ["stack-reference"];

/** A cluster.yml says where a machine is only once, so one machine is all that can be told apart on a fleet. */
function clusterYmlFor(fleet: Fleet): string {
  const { host, port, address } = machineOf(fleet, "node-1");
  const file = join(mkdtempSync(join(tmpdir(), "pulumi-rke-example-")), "cluster.yml");
  const node = `{ address: ${host}, port: "${port}", internal_address: ${address}, user: rke, role: [etcd, controlplane, worker] }`;
  writeFileSync(file, `kubernetes_version: v1.31.4-rancher1-1\nnodes:\n  - ${node}\n`);
  return file;
}
