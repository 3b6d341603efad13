import type { ClusterConfig } from "../config/cluster-config.ts";
import { hasUnknown, unknownValue } from "../config/unknowns.ts";
import { RkeError } from "../errors.ts";
import { checkNames } from "../preflight/preflight.ts";
import { nodeNames, programPath } from "./cluster-inputs.ts";
import { durationMs } from "./duration.ts";
import type { CheckFailure, Properties } from "./handler.ts";
import { clusterIdOf, kubeconfigFor, readIdentity } from "./identity-bundle.ts";
import { immutableFailures } from "./immutable.ts";
import { openPlaces, parseInputs } from "./parsed-inputs.ts";
import { planesOf } from "./planes.ts";
import { isMap, isSame, mapAt, storable, textAt } from "./properties.ts";
import { restoreFailures } from "./restore-input.ts";
import { takeoverFailures, takeoverOf } from "./takeover.ts";

/**
 * Judges the arguments of a cluster, all of them at once, and adds what follows from them: the version, pinned; the
 * planes in words; and the kubeconfig, which so is known in every preview. Opens no connection.
 */
export function checkCluster(olds: Properties, news: Properties): { inputs: Properties; failures: CheckFailure[] } {
  const given: Properties = { ...storable(news), nodes: sortedNodes(news) };
  const pinned = pinnedRelease(olds, given);
  const withRelease = pinned === undefined ? given : { ...given, release: pinned };
  const server = serverOf(olds, withRelease);
  const withServer = server === undefined ? withRelease : { ...withRelease, server };
  // In the order in which they were written, where the places of failures are.
  const parsed = parseInputs({ ...withServer, nodes: mapAt(news, "nodes") });
  const own = [...ownFailures(withServer), ...adoptFailures(withServer), ...restoreFailures(withServer)];
  if (!parsed.ok) {
    const failures = parsed.failures.map(({ path, reason }) => ({ property: programPath(path, withServer), reason }));
    return { inputs: withServer, failures: [...own, ...failures] };
  }

  const { config } = parsed;
  const { kubeconfig, failures } = kubeconfigOf(withServer, config);
  const inputs = {
    ...withServer,
    release: given.kubernetesVersion === unknownValue ? unknownValue : config.kubernetesVersion,
    planes: planesOf(config, { unknown: openPlaces(parsed) }),
    ...(kubeconfig !== undefined && { kubeconfig }),
  };
  const moved = isSame(olds, inputs) ? [] : immutableFailures(olds, { inputs, config });
  return { inputs, failures: [...own, ...failures, ...moved] };
}

/** A list of roles or taints means the same in any order, and a preview should not speak of it. */
function sortedNodes(news: Properties): Properties {
  const byText = (list: unknown) =>
    Array.isArray(list) && !hasUnknown(list) ? { sorted: list.toSorted(textOrder) } : undefined;
  const nodes = Object.entries(mapAt(news, "nodes")).map(([name, node]) => {
    if (!isMap(node)) return [name, node] as const;
    const roles = byText(node.roles)?.sorted ?? node.roles;
    const taints = byText(node.taints)?.sorted ?? node.taints;
    return [name, { ...node, roles, taints }] as const;
  });
  return storable(Object.fromEntries(nodes));
}

const textOrder = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

/** No new release of this package brings another Kubernetes with it: what was resolved once stays until it is changed. */
function pinnedRelease(olds: Properties, { kubernetesVersion }: Properties): unknown {
  const release = textAt(olds, "release");
  return release !== undefined && isSame(olds.kubernetesVersion, kubernetesVersion) ? release : undefined;
}

/**
 * Where the kubeconfig leads: where the program says; else where it has led so far, as long as a control plane is there;
 * else to the first control plane.
 */
function serverOf(olds: Properties, inputs: Properties): unknown {
  if (inputs.server !== undefined) return inputs.server;
  const nodes = nodeNames(inputs).map((name) => mapAt(mapAt(inputs, "nodes"), name));
  const controlPlanes = nodes
    .filter(({ roles }) => Array.isArray(roles) && roles.includes("controlplane"))
    .map(({ address, host }) => address ?? host);
  const before = textAt(olds, "server");
  const mayStay = before !== undefined && (controlPlanes.includes(before) || hasUnknown(controlPlanes));
  return mayStay ? before : controlPlanes[0];
}

function kubeconfigOf(inputs: Properties, config: ClusterConfig): { kubeconfig?: string; failures: CheckFailure[] } {
  const identity = textAt(inputs, "identity");
  if (identity === undefined) return { failures: [] };
  const server = textAt(inputs, "server");
  try {
    const bundle = readIdentity(identity);
    const { clusterName } = config;
    const kubeconfig = server === undefined ? unknownValue : kubeconfigFor(bundle, { server, clusterName });
    return { kubeconfig, failures: [] };
  } catch (error) {
    if (error instanceof RkeError) return { failures: [{ property: "identity", reason: error.message }] };
    if (!(error instanceof TypeError)) throw error;
    return { failures: [{ property: "endpoint", reason: `"${server}" is neither an address nor a URL` }] };
  }
}

/** With another CA than the machines have, everything on them would be thrown away. */
function adoptFailures(inputs: Properties): CheckFailure[] {
  const failures = takeoverFailures(inputs);
  const [identity, takeover] = [textAt(inputs, "identity"), failures.length === 0 ? takeoverOf(inputs) : undefined];
  if (identity === undefined || takeover === undefined) return failures;
  if (textAt(inputs, "clusterId") === clusterIdOf(takeover.certificates)) return [];
  const reason =
    "The cluster of this state has another CA than the RkeIdentity of the program. " +
    "Give the RkeIdentity the same adopt.rkeState, or leave identity out";
  return [{ property: "adopt.rkeState", reason }];
}

function ownFailures(inputs: Properties): CheckFailure[] {
  const { timeouts, waive, onDelete, safetySnapshot } = inputs;
  const limits = isMap(timeouts) ? Object.entries(timeouts) : [];
  const wrong = limits.filter(([, text]) => text !== unknownValue && durationMs(String(text)) === undefined);
  const waived: readonly unknown[] = Array.isArray(waive) ? waive : [];
  const strange = waived.flatMap((name, index) =>
    name === unknownValue || checkNames.some((known) => known === name) ? [] : [{ name, index }],
  );
  const isUnclear = safetySnapshot !== undefined && ![unknownValue, true, false].includes(safetySnapshot as boolean);
  const isOdd = onDelete !== undefined && ![unknownValue, "forget", "strict"].includes(String(onDelete));
  return [
    ...wrong.map(([name, text]) => ({
      property: `timeouts.${name}`,
      reason: `"${String(text)}" is not a length of time: write 90s, 30m or 1h30m`,
    })),
    ...strange.map(({ name, index }) => ({
      property: `waive[${index}]`,
      reason: `There is no check called "${String(name)}". The names are ${checkNames.join(", ")}`,
    })),
    ...(isOdd ? [{ property: "onDelete", reason: 'One of "forget" and "strict" is wanted' }] : []),
    ...(isUnclear ? [{ property: "safetySnapshot", reason: "true or false is wanted" }] : []),
  ];
}
