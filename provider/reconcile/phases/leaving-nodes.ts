import { assumedDockerFacts } from "../../desired/docker-facts.ts";
import { prefixPathOf } from "../../desired/paths.ts";
import { cleanHost } from "../../steps/clean-host.ts";
import { cordonNode } from "../../steps/cordon-node.ts";
import { deleteKubeNode } from "../../steps/delete-kube-node.ts";
import { drainNode } from "../../steps/drain-node.ts";
import { removeContainer } from "../../steps/remove-container.ts";
import { type FormerNode, type Lane, type Phase, rolling, sideBySide, type World } from "../runbook.ts";
import { kubeNodeOf, leavingNodes, reached, seenContainer } from "../world.ts";

/** Empties the nodes that leave: after new ones can take what they carry, and before any of it is stopped. */
export function drainLeavingNodes(world: World): Phase {
  const options = world.desired.config.upgradeStrategy.nodeDrainInput;
  const lanes = leavingNodes(world).flatMap((node): Lane[] => {
    const { hostnameOverride: name, address } = node;
    if (!mayHaveNode(world, node)) return [];
    // A node that does not answer cannot be drained: its pods are moved when its Node object goes.
    const isReady = kubeNodeOf(world, name)?.isReady ?? seenContainer(world, address, "kubelet") !== undefined;
    return [
      isReady
        ? [cordonNode({ name }), drainNode({ name, options: { ...options, deleteLocalData: true, force: true } })]
        : [cordonNode({ name })],
    ];
  });
  return sideBySide("Drain nodes that leave", lanes);
}

/** Stops the API servers that leave, one at a time, after the workers have learned of those that stay. */
export function stopLeavingControlPlanes(world: World): Phase {
  const lanes = leavingNodes(world)
    .filter(({ role, address }) => role.includes("controlplane") && reached(world, address) !== undefined)
    .map(
      ({ address }): Lane =>
        ["kube-scheduler", "kube-controller-manager", "kube-apiserver"]
          .filter((name) => reached(world, address)?.containers.some((seen) => seen.name === name))
          .map((name) => removeContainer({ node: address, name })),
    );
  return rolling("Stop control planes that leave", lanes, 1);
}

/** Takes the Node objects of the nodes that leave out of the API, when no kubelet is left that would register them again. */
export function forgetLeavingNodes(world: World): Phase {
  return sideBySide(
    "Forget nodes that leave",
    leavingNodes(world)
      .filter((node) => mayHaveNode(world, node))
      .map(({ hostnameOverride }) => [deleteKubeNode({ name: hostnameOverride })]),
  );
}

/** Cleans the machines that leave and can be reached, so that they can be used again. */
export function cleanLeavingNodes(world: World): Phase {
  const { config } = world.desired;
  return sideBySide(
    "Clean nodes that leave",
    leavingNodes(world)
      .filter(({ address }) => holdsSomething(world, address))
      .map(({ address }) => [
        cleanHost({
          node: address,
          prefixPath: prefixOf(world, address),
          kubernetesImage: config.systemImages.kubernetes,
          toolsImage: config.systemImages.alpine,
        }),
      ]),
  );
}

/** Whether a node that leaves has a Node object of its own. While the API is silent it is better to try. */
const mayHaveNode = (world: World, node: FormerNode): boolean =>
  !isStillWanted(world, node) &&
  (world.facts.kube === undefined || kubeNodeOf(world, node.hostnameOverride) !== undefined);

/** A machine with a new address keeps its name, and so its Node object. */
const isStillWanted = ({ desired }: World, { hostnameOverride }: FormerNode): boolean =>
  desired.nodes.some(({ node }) => node.hostnameOverride === hostnameOverride);

const holdsSomething = (world: World, address: string): boolean => {
  const seen = reached(world, address);
  return seen !== undefined && (seen.containers.length > 0 || seen.machine.leftovers.length > 0);
};

export function prefixOf(world: World, address: string): string {
  const os = reached(world, address)?.machine.os ?? assumedDockerFacts.operatingSystem;
  return prefixPathOf(world.desired.config, { ...assumedDockerFacts, operatingSystem: os });
}
