import { z } from "zod";

import type { BootstrapObject } from "../desired/bootstrap-objects.ts";
import type { Kube } from "../hosts/kube.ts";
import type { Node } from "../hosts/kube-objects.ts";
import { lookAtAddons } from "./addons.ts";
import type { ClusterFacts, KubeNodeFact } from "./facts.ts";
import { limited, type Stoppable, unlessStopped } from "./unless-stopped.ts";

type KubeFacts = NonNullable<ClusterFacts["kube"]>;

/** The annotation on nodes that we have cordoned; its value is the run. */
export const cordonedAnnotation = "pulumi-rke/cordoned";

interface Options extends Stoppable {
  /** Objects to look for. */
  readonly bootstrap?: readonly BootstrapObject[];
}

/** Asks the first API server that is ready, or else the first that answers at all. Undefined when none does. */
export async function lookAtKube(apiservers: readonly Kube[], options: Options = {}): Promise<KubeFacts | undefined> {
  for await (const kube of byReadiness(apiservers, options)) {
    const seen = await unlessStopped(options, () => seenBy(kube, options));
    if (seen !== undefined) return seen;
  }
  return undefined;
}

/**
 * The server that is ready first, for which nobody waits who is slower; then all others that answer. They are asked for no
 * more than that, so that a cluster of many servers is one connection to each.
 */
async function* byReadiness(apiservers: readonly Kube[], options: Options): AsyncGenerator<Kube> {
  const asked = apiservers.map(async (kube) => ({ kube, ...(await kube.readyz(limited(options, KUBE_LIMIT_MS))) }));
  const ready = asked.map(async (asking) => {
    const { kube, ready } = await asking;
    if (!ready) throw new NotReady();
    return kube;
  });
  const first = await unlessStopped(options, () => Promise.any(ready));
  if (first !== undefined) yield first;
  const answered = (await Promise.allSettled(asked)).flatMap((result) =>
    result.status === "fulfilled" ? result.value : [],
  );
  options.signal?.throwIfAborted();
  const others = answered.filter(({ kube }) => kube !== first);
  for (const { kube } of others.toSorted((a, b) => Number(b.ready) - Number(a.ready))) yield kube;
}

class NotReady extends Error {}

async function seenBy(kube: Kube, options: Options): Promise<KubeFacts> {
  const { bootstrap = [] } = options;
  const call = limited(options, KUBE_LIMIT_MS);
  const [nodes, version, found, addons] = await Promise.all([
    kube.nodes(call),
    kube.request("GET", "/version", { doing: "read the version of the API server", ...call }),
    Promise.all(bootstrap.map((wanted) => isThere(kube, wanted, call))),
    unlessStopped(options, () => lookAtAddons(kube, call)),
  ]);
  return {
    version: versionAnswer.parse(version).gitVersion,
    bootstrapped: bootstrap.filter((_, index) => found[index]).map(({ name }) => name),
    nodes: nodes.map(nodeFact),
    ...(addons !== undefined && { addons: [...addons] }),
  };
}

const KUBE_LIMIT_MS = 30_000;

const versionAnswer = z.object({ gitVersion: z.string().catch("") }).catch({ gitVersion: "" });

async function isThere(
  kube: Kube,
  { name, path, object }: BootstrapObject,
  options: { readonly signal: AbortSignal },
): Promise<boolean> {
  const found = await kube.request("GET", path, { doing: `look for ${object.kind} ${name}`, ...options });
  return includes(found, object);
}

/** Whether a value has all of another. What the server adds to objects does not count; lists must be the same. */
export function includes(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((item, index) => includes(found[index], item))
    );
  }
  if (typeof wanted !== "object" || wanted === null) return found === wanted;
  if (typeof found !== "object" || found === null) return false;
  const values = new Map<string, unknown>(Object.entries(found));
  return Object.entries(wanted).every(([key, value]) => includes(values.get(key), value));
}

function nodeFact({ metadata, spec, status }: Node): KubeNodeFact {
  const { name, uid = "", labels = {}, annotations = {} } = metadata;
  const internalIp = status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
  return {
    name,
    uid,
    isReady: status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false,
    isUnschedulable: spec.unschedulable ?? false,
    isCordonedByUs: cordonedAnnotation in annotations,
    kubeletVersion: status?.nodeInfo?.kubeletVersion ?? "",
    labels: { ...labels },
    annotations: { ...annotations },
    taints: (spec.taints ?? []).map(({ key, value = "", effect }) => ({ key, value, effect })),
    ...(internalIp !== undefined && { internalIp }),
  };
}
