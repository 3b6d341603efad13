import { containerNameLabel, specHashLabel } from "../../desired/container-spec.ts";
import { contentDigest } from "../../desired/content-digest.ts";
import { longRunning } from "../../desired/long-running.ts";
import { filesOf } from "../../pki/files.ts";
import { KUBE_CA } from "../../pki/names.ts";
import { type CheckedMachine, clusterContainers, listed, onEachMachine, type Situation } from "../check.ts";

/**
 * Finds machines that hold another cluster, or what is left of one: its etcd data make a member refuse to join, its
 * certificates make every component distrust the others, its network configuration breaks the pods'.
 */
export const foreignLeftovers = onEachMachine((machine, situation) => {
  // A member whose CA is another one is about to get a new CA.
  if (machine.isMember) return [];
  const owner = ownerOf(machine, situation);
  const containers = clusterContainers(machine);
  if (owner === "another cluster" && containers.length > 0) {
    return [
      {
        severity: "error",
        reason: `it runs ${listed(containers)} of another cluster: its CA is not ours`,
        hint: "Remove the machine from that cluster first, or correct its address",
      },
    ];
  }
  const { plan, seen } = machine;
  const namesakes = seen.containers.filter(({ name, labels }) => isNamesake(name, labels)).map(({ name }) => name);
  if (namesakes.length > 0) {
    return [
      {
        severity: "error",
        reason: `it has containers that are called ${listed(namesakes)}, and that neither RKE nor we have made`,
        hint: "Rename them (docker rename), or use another machine: they would be replaced",
      },
    ];
  }
  if (!machine.isNew || owner === "this cluster") return [];
  const bringsOwnNetwork = situation.desired.config.network.plugin === "none";
  const harmful = harmfulPaths(plan.prefixPath, bringsOwnNetwork);
  const leftovers = seen.machine.leftovers.filter((path) => harmful.includes(path));
  if (leftovers.length === 0) return [];
  return [
    {
      // Without certificates to compare with, it may be ours from a run that was killed.
      severity: situation.certificates === undefined ? "warning" : "error",
      reason: `it is new here, and there is something in ${listed(leftovers)}${owner === "nobody" ? "" : `, of ${owner}`}`,
      hint: "Look whether anybody still needs it, and remove it; or use a fresh machine",
    },
  ];
});

/** RKE labels what it makes to stay, but for the container that takes snapshots. */
const isNamesake = (name: string, labels: Readonly<Record<string, string>>): boolean =>
  longRunning.has(name) &&
  name !== "etcd-rolling-snapshots" &&
  !(containerNameLabel in labels) &&
  !(specHashLabel in labels);

type Owner = "this cluster" | "another cluster" | "nobody";

/** The CA on the machine tells whose it is; where none can be read, nobody knows. */
function ownerOf({ seen }: CheckedMachine, { certificates }: Situation): Owner {
  const found = seen.files.find(({ path }) => path === filesOf(KUBE_CA).path);
  const ours = certificates?.[KUBE_CA]?.certificate;
  if (found === undefined || ours === undefined) return "nobody";
  return found.sha256 === contentDigest(ours) ? "this cluster" : "another cluster";
}

/**
 * The kubelet's directory is not among them: what it finds there it cleans itself. Nor is the pods' network where the
 * user brings one: it may have been put on the machine beforehand.
 */
function harmfulPaths(prefixPath: string, bringsOwnNetwork: boolean): readonly string[] {
  const prefix = prefixPath.replace(/\/+$/, "");
  const data = [`${prefix}/etc/kubernetes`, `${prefix}/var/lib/etcd`];
  return bringsOwnNetwork ? data : [...data, "/etc/cni", `${prefix}/var/lib/cni`, "/var/lib/calico"];
}
