import fc from "fast-check";

import { parseCluster } from "../../../provider/config/parse.ts";
import { planCluster } from "../../../provider/desired/cluster-plan.ts";
import type { World } from "../../../provider/reconcile/runbook.ts";
import { aMachine, type Roles, type Wanted, worldOf } from "../../support/facts.ts";
import { ModelCluster } from "../../support/model.ts";
import { paperBundle } from "../../support/paper-bundle.ts";

type Machine = ReturnType<typeof aMachine>;

type Change =
  | { readonly kind: "upgrade" | "kubelet" | "api server" | "etcd" | "replace all etcd nodes" }
  | { readonly kind: "add"; readonly role: Roles }
  | { readonly kind: "remove" | "rename"; readonly at: number }
  | { readonly kind: "roles"; readonly at: number; readonly role: Roles }
  | { readonly kind: "replace"; readonly at: number; readonly keepsName: boolean };

type Mishap =
  | { readonly kind: "kill" | "stop"; readonly at: number; readonly container: string }
  | { readonly kind: "cordon"; readonly at: number; readonly by: "ours" | "theirs" }
  | { readonly kind: "wipe"; readonly at: number }
  | { readonly kind: "gone" | "out of reach"; readonly at: number };

/** A cluster, what has happened to it, and what is wanted of it now. */
export interface Scenario {
  readonly before: readonly Roles[];
  readonly start: "applied" | "made by rke" | "nothing";
  readonly changes: readonly Change[];
  readonly mishaps: readonly Mishap[];
  readonly strategy: { readonly maxUnavailableWorker: string | number; readonly drain: boolean };
}

const roles = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Roles>(["etcd", "controlplane", "worker"]) },
  { weight: 4, arbitrary: fc.constant<Roles>(["etcd", "controlplane"]) },
  { weight: 5, arbitrary: fc.constant<Roles>(["worker"]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Roles>(["etcd"], ["controlplane"], ["etcd", "worker"], ["controlplane", "worker"]),
  },
);

const at = fc.nat({ max: 8 });

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constantFrom("upgrade", "kubelet", "api server", "etcd", "replace all etcd nodes") }),
  fc.record({ kind: fc.constant("add"), role: roles }),
  fc.record({ kind: fc.constantFrom("remove", "rename"), at }),
  fc.record({ kind: fc.constant("roles"), at, role: roles }),
  fc.record({ kind: fc.constant("replace"), at, keepsName: fc.boolean() }),
) as fc.Arbitrary<Change>;

const container = fc.constantFrom(
  "etcd",
  "etcd",
  "kube-apiserver",
  "kube-apiserver",
  "kube-scheduler",
  "nginx-proxy",
  "kubelet",
  "kube-proxy",
  "service-sidekick",
);

const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("kill", "stop"), at, container }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cordon"), at, by: fc.constantFrom("ours", "theirs") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wipe"), at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("gone", "out of reach"), at }) },
) as fc.Arbitrary<Mishap>;

const scenarioWith = (parts: { mishaps: fc.Arbitrary<Mishap[]> }): fc.Arbitrary<Scenario> =>
  fc
    .record({
      before: fc.array(roles, { minLength: 1, maxLength: 9 }).filter(isCluster),
      start: fc.oneof(
        { weight: 5, arbitrary: fc.constant("applied" as const) },
        { weight: 1, arbitrary: fc.constantFrom("made by rke" as const, "nothing" as const) },
      ),
      changes: fc.array(change, { maxLength: 3 }),
      mishaps: parts.mishaps,
      strategy: fc.record({
        maxUnavailableWorker: fc.constantFrom<string | number>(1, 2, "10%", "50%"),
        drain: fc.boolean(),
      }),
    })
    .filter((scenario) => isCluster(after(scenario).map(({ role }) => role)));

/** Everything that can be changed, on machines that all answer and work. */
export const wellScenario = scenarioWith({ mishaps: fc.constant([]) });

/** The same, after things have gone wrong. */
export const anyScenario = scenarioWith({ mishaps: fc.array(mishap, { maxLength: 3 }) });

function isCluster(nodes: readonly Roles[]): boolean {
  const having = (role: Roles[number]) => nodes.filter((held) => held.includes(role)).length;
  return having("etcd") > 0 && having("etcd") <= 5 && having("controlplane") > 0 && nodes.length <= 9;
}

/** The nodes of a scenario as they were applied before. */
export const machinesBefore = ({ before }: Scenario): readonly Machine[] =>
  before.map((role, index) => aMachine(index + 1, role));

/** The nodes that are wanted after the changes. */
function after(scenario: Scenario): readonly Machine[] {
  let next = 20;
  const fresh = () => {
    next += 1;
    return next;
  };
  let nodes = machinesBefore(scenario);
  for (const one of scenario.changes) nodes = changed(nodes, one, fresh);
  return nodes;
}

function changed(nodes: readonly Machine[], one: Change, fresh: () => number): readonly Machine[] {
  switch (one.kind) {
    case "add":
      return [...nodes, aMachine(fresh(), one.role)];
    case "remove":
      return nodes.filter((_, index) => index !== one.at % nodes.length);
    case "rename":
      return nodes.map((node, index) =>
        index === one.at % nodes.length ? { ...node, hostnameOverride: `node-${fresh()}` } : node,
      );
    case "roles":
      return nodes.map((node, index) => (index === one.at % nodes.length ? { ...node, role: one.role } : node));
    case "replace":
      return nodes.map((node, index) => {
        if (index !== one.at % nodes.length) return node;
        const machine = aMachine(fresh(), node.role);
        return one.keepsName ? { ...machine, hostnameOverride: node.hostnameOverride } : machine;
      });
    case "replace all etcd nodes":
      return nodes.map((node) => (node.role.includes("etcd") ? aMachine(fresh(), node.role) : node));
    default:
      return nodes;
  }
}

function argsOf(scenario: Scenario): { before: object; after: object } {
  const has = (kind: Change["kind"]) => scenario.changes.some((one) => one.kind === kind);
  const flag = (is: boolean, name: string) => (is ? { extraArgs: { [name]: "5" } } : {});
  const { strategy } = scenario;
  return {
    before: { kubernetesVersion: "v1.30.8-rancher1-1", nodes: machinesBefore(scenario), upgradeStrategy: strategy },
    after: {
      kubernetesVersion: has("upgrade") ? "v1.31.4-rancher1-1" : "v1.30.8-rancher1-1",
      nodes: after(scenario),
      upgradeStrategy: strategy,
      services: {
        kubelet: flag(has("kubelet"), "max-pods"),
        kubeApi: flag(has("api server"), "v"),
        etcd: flag(has("etcd"), "snapshot-count"),
      },
    },
  };
}

/** A scenario on the model, ready to be run. */
export interface Staged {
  readonly cluster: ModelCluster;
  readonly desired: Wanted;
  readonly former: World["former"];
  /** The world as it is found, at this moment. */
  look(): World;
  /** The world as it is found when all that was asked for is applied. */
  lookAfter(): World;
}

export function stage(scenario: Scenario): Staged {
  const args = argsOf(scenario);
  const cluster = new ModelCluster();
  const before = wanted(args.before);
  if (scenario.start !== "nothing") {
    cluster.settle(before.plan, before.certificates, { isAdopted: scenario.start === "made by rke" });
    for (const one of scenario.mishaps) befall(cluster, one, machinesBefore(scenario));
  }
  const desired = wanted(args.after);
  const former = scenario.start === "nothing" ? undefined : before.config.nodes;
  const { plan, certificates } = desired;
  return {
    cluster,
    desired,
    former,
    look: () => worldOf(cluster, { desired: plan, certificates, former }),
    lookAfter: () => worldOf(cluster, { desired: plan, certificates, former: desired.config.nodes }),
  };
}

function befall(cluster: ModelCluster, one: Mishap, machines: readonly Machine[]): void {
  const machine = machines[one.at % machines.length];
  if (machine === undefined) return;
  const { address, hostnameOverride } = machine;
  const { containers } = cluster.machine(address);
  switch (one.kind) {
    case "kill":
      containers.delete(one.container);
      return;
    case "stop":
      if (containers.has(one.container) && one.container !== "service-sidekick") cluster.stop(address, one.container);
      return;
    case "cordon":
      Object.assign(cluster.nodes.get(hostnameOverride) ?? {}, { cordon: one.by });
      return;
    case "wipe":
      cluster.wipe(address);
      return;
    default:
      cluster.machine(address).answers = one.kind === "gone" ? "to nobody" : "not to us";
  }
}

const known = new Map<string, Wanted>();

/** Plans a cluster with certificates of paper. Few clusters come up again and again. */
export function wanted(args: object): Wanted {
  const key = JSON.stringify(args);
  const there = known.get(key);
  if (there !== undefined) return there;
  const parsed = parseCluster(args);
  if (!parsed.ok) throw new Error(parsed.failures.map(({ reason }) => reason).join("\n"));
  const { config, release } = parsed;
  const made = { config, release, plan: planCluster(config, release), certificates: paperBundle(config) };
  known.set(key, made);
  return made;
}
