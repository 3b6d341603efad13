import { execFileSync } from "node:child_process";
import { setTimeout as after } from "node:timers/promises";

import { parseCluster } from "../../../provider/config/parse.ts";
import { type BootstrapObject, bootstrapObjects } from "../../../provider/desired/bootstrap-objects.ts";
import { planCluster } from "../../../provider/desired/cluster-plan.ts";
import type { ContainerSpec } from "../../../provider/desired/container-spec.ts";
import { assumedDockerFacts } from "../../../provider/desired/docker-facts.ts";
import type { NodePlan } from "../../../provider/desired/node-plan.ts";
import { pkiSubject } from "../../../provider/desired/pki-subject.ts";
import { packed } from "../../../provider/hosts/archive.ts";
import { type Bundle, issueBundle } from "../../../provider/pki/bundle.ts";
import { clientIdentity } from "../../../provider/pki/client-certificate.ts";
import { deployedFiles } from "../../../provider/pki/deployed-files.ts";
import { KUBE_ADMIN } from "../../../provider/pki/names.ts";
import { nativeKeys, randomSerials } from "../../../provider/pki/openssl.ts";
import { asking } from "../../lab/api.ts";
import { lab, labScript, nodeAddress, nodeName, onNode } from "../../lab/machines.ts";

/** Seconds from the first container to a Ready node, started by hand. */
export interface Floor {
  /** With the images as they are: a kubelet waits 10 s for its runtime before it starts. */
  readonly seconds: number;
  /** The same without that wait. */
  readonly withoutSleep: number;
}

/**
 * How fast a node could be at best: etcd, an API server and a kubelet of the same images with the same arguments, all started
 * at once by plain docker commands. Certificates lie there before, no port is tried, no addon is deployed, nobody looks
 * whether anything is well.
 */
export async function floor(kubernetesVersion: string): Promise<Floor> {
  const seconds = await timed(kubernetesVersion, { sleeps: true });
  const withoutSleep = await timed(kubernetesVersion, { sleeps: false });
  return { seconds, withoutSleep };
}

async function timed(kubernetesVersion: string, { sleeps }: { readonly sleeps: boolean }): Promise<number> {
  lab("reset", "1");
  const machine = await prepared(kubernetesVersion);
  if (!sleeps) onNode(1, docker("run --rm", awake(machine.plan)));
  const started = performance.now();
  onNode(1, startAll(machine.plan));
  await ready(machine);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  lab("reset", "1");
  return seconds;
}

interface Prepared {
  readonly plan: NodePlan;
  readonly certificates: Bundle;
  /** Without them no kubelet may register. */
  readonly rights: readonly BootstrapObject[];
}

/** Everything that is not a container of these three, before the clock starts. */
async function prepared(kubernetesVersion: string): Promise<Prepared> {
  const address = nodeAddress(1);
  const role = ["etcd", "controlplane", "worker"];
  const nodes = [{ address, hostnameOverride: nodeName(1), user: "root", role }];
  const parsed = parseCluster({ kubernetesVersion, nodes, network: { plugin: "none" } });
  if (!parsed.ok) throw new Error(parsed.failures.map(({ reason }) => reason).join("\n"));
  const { config, release } = parsed;
  const { bundle: certificates } = await issueBundle(pkiSubject(config), {
    clock: () => new Date(),
    serials: randomSerials(),
    keys: nativeKeys(),
  });
  const facts = () => ({ ...assumedDockerFacts, cgroupDriver: "cgroupfs", cgroupVersion: "1" });
  const [plan] = planCluster(config, release, { docker: facts }).nodes;
  if (plan === undefined) throw new Error("There is no node in the plan");

  const written = [
    ...plan.files.map(({ path, content }) => ({ path, content: Buffer.from(content, "utf8") })),
    ...deployedFiles({ host: plan.node, roles: plan.node.role }, certificates),
  ];
  const archive = packed(written.map(({ path, content }) => ({ name: path.slice(1), content, mode: 0o600 })));
  execFileSync(labScript, ["ssh", "1", "tar -x -C /"], { input: archive });
  lab("node", "cni", "1");
  onNode(1, `mkdir -p -m 700 /var/lib/etcd && ${docker("create", specOf(plan, "service-sidekick"))}`);
  return { plan, certificates, rights: bootstrapObjects(config) };
}

const startAll = (plan: NodePlan): string =>
  `${["etcd", "kube-apiserver", "kubelet"].map((name) => `${docker("run -d", specOf(plan, name))} &`).join("\n")}\nwait`;

/** Takes the wait out of the script that the kubelet's container starts with. */
const awake = (plan: NodePlan): ContainerSpec => ({
  name: "awake",
  image: specOf(plan, "kubelet").image,
  volumesFrom: ["service-sidekick"],
  entrypoint: ["sed", "-i", "s/^sleep 10/sleep 0.1/", "/opt/rke-tools/entrypoint.sh"],
});

function specOf({ containers }: NodePlan, name: string): ContainerSpec {
  const found = containers.find(({ spec }) => spec.name === name);
  if (found === undefined) throw new Error(`There is no ${name} in the plan`);
  return found.spec;
}

/** What a person would type. */
function docker(verb: "create" | "run -d" | "run --rm", spec: ContainerSpec): string {
  const [program, ...entrypoint] = spec.entrypoint ?? [];
  const words = [
    ...["--name", spec.name],
    ...(spec.networkMode === undefined ? [] : ["--network", spec.networkMode]),
    ...(spec.pidMode === undefined ? [] : ["--pid", spec.pidMode]),
    ...(spec.privileged === true ? ["--privileged"] : []),
    ...(spec.volumesFrom ?? []).flatMap((name) => ["--volumes-from", name]),
    ...(spec.binds ?? []).flatMap((bind) => ["-v", bind]),
    ...(spec.env ?? []).flatMap((variable) => ["-e", variable]),
    ...(program === undefined ? [] : ["--entrypoint", program]),
    spec.image,
    ...entrypoint,
    ...(spec.cmd ?? []),
  ];
  return `docker ${verb} ${words.map(quoted).join(" ")}`;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** As soon as the API answers it gives the kubelet its rights; then ten looks a second, until the node is Ready. */
async function ready({ certificates, rights }: Prepared): Promise<void> {
  const ask = asking(clientIdentity(certificates, KUBE_ADMIN) ?? {}, nodeAddress(1));
  await untilSo(async () => {
    const given = rights.map(({ path, object }) => ask("POST", path.replace(/\/[^/]+$/, ""), object));
    return (await Promise.all(given)).every(({ status }) => status === 201 || status === 409);
  });
  await untilSo(async () => isReady((await ask("GET", `/api/v1/nodes/${nodeName(1)}`)).text));
}

async function untilSo(isSo: () => Promise<boolean>): Promise<void> {
  for (let left = 1200; left > 0; left--) {
    if (await isSo()) return;
    await after(100);
  }
  throw new Error("The node is not Ready after two minutes");
}

function isReady(text: string): boolean {
  const { status } = JSON.parse(text || "{}") as { readonly status?: { readonly conditions?: readonly Condition[] } };
  return Array.isArray(status?.conditions) && status.conditions.some(isTrueReady);
}

const isTrueReady = ({ type, status }: Condition): boolean => type === "Ready" && status === "True";

interface Condition {
  readonly type: string;
  readonly status: string;
}
