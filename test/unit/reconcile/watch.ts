import type { ClusterPlan } from "../../../provider/desired/cluster-plan.ts";
import type { NodePlan } from "../../../provider/desired/node-plan.ts";
import { quorumOf } from "../../../provider/reconcile/quorum.ts";
import type { Step } from "../../../provider/steps/step.ts";
import type { ModelCluster } from "../../support/model.ts";
import type { Staged } from "./scenario.ts";

/** Looks at the cluster after every step, and throws as soon as more is down than may be. */
export function watch({ cluster, desired, look }: Staged): (step: Step) => void {
  const { plan } = desired;
  const { nodes = [] } = look().facts.kube ?? {};
  const isInUse = ({ node }: NodePlan) =>
    nodes.some(({ name }) => name === node.hostnameOverride || cluster.nodes.get(name)?.machine === node.address);
  const controlPlanes = plan.nodes.filter((one) => isInUse(one) && one.node.role.includes("controlplane"));
  const workers = plan.nodes.filter((one) => isInUse(one) && one.node.role.every((role) => role === "worker"));

  const isServing = ({ node: { address } }: NodePlan) =>
    cluster.machine(address).answers === "yes" &&
    cluster.runs(address, "kube-apiserver") &&
    !cluster.settlingApiServers.has(address);
  // A machine may get another name, and a name another machine: until its turn comes, what was there serves.
  const isAvailable = ({ node }: NodePlan) =>
    [...cluster.nodes].some(
      ([name, { machine, cordon }]) =>
        (machine === node.address || name === node.hostnameOverride) &&
        cluster.machine(machine).answers === "yes" &&
        cordon !== "ours" &&
        cluster.isReady(name),
    );
  const planes = [
    { name: "API servers", plans: controlPlanes.filter(isServing), all: controlPlanes, isUp: isServing, allowed: 1 },
    {
      name: "workers",
      plans: workers.filter(isAvailable),
      all: workers,
      isUp: isAvailable,
      allowed: allowedOf(desired.config.upgradeStrategy.maxUnavailableWorker, workers.length),
    },
  ];
  const couldAgree = cluster.etcd.hasQuorum();
  const proxies = watchProxies(cluster, plan);

  return (step) => {
    const { voters } = cluster.etcd;
    const healthy = voters.filter((voter) => cluster.etcd.isUp(voter)).length;
    if (couldAgree && voters.length >= 3 && healthy < quorumOf(voters.length)) {
      throw new Error(`after "${step.title}" on ${step.node} ${healthy} of ${voters.length} members are healthy`);
    }
    for (const { name, plans, all, isUp, allowed } of planes) {
      // What was down before counts as soon as we take more away.
      const byUs = plans.filter((one) => !isUp(one)).length;
      const down = all.filter((one) => !isUp(one)).length;
      if (byUs > 0 && down > allowed) {
        throw new Error(`after "${step.title}" on ${step.node} ${down} ${name} are down, and ${allowed} may be`);
      }
    }
    proxies(step);
  };
}

/** A proxy that has had an API server to pass on to must always have one. */
function watchProxies(cluster: ModelCluster, { nodes }: ClusterPlan): (step: Step) => void {
  const served = new Set<string>();
  const proxies = () =>
    nodes.flatMap(({ node: { address } }) => {
      if (cluster.machine(address).answers !== "yes" || !cluster.runs(address, "nginx-proxy")) return [];
      const { env = [] } = cluster.container(address, "nginx-proxy").spec;
      const hosts = env.find((one) => one.startsWith("CP_HOSTS="))?.slice("CP_HOSTS=".length) ?? "";
      return [{ address, hosts, isServed: hosts.split(",").some((host) => cluster.runs(host, "kube-apiserver")) }];
    });
  const learn = () => {
    for (const { address, isServed } of proxies()) if (isServed) served.add(address);
  };
  learn();
  return (step) => {
    const lost = proxies().find(({ address, isServed }) => !isServed && served.has(address));
    if (lost !== undefined) {
      throw new Error(`after "${step.title}" on ${step.node} no API server runs on ${lost.hosts}, for ${lost.address}`);
    }
    learn();
  };
}

function allowedOf(maxUnavailable: string, size: number): number {
  const number = Number.parseInt(maxUnavailable, 10);
  return Math.max(1, maxUnavailable.endsWith("%") ? Math.floor((size * number) / 100) : number);
}
