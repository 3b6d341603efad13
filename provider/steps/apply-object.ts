import { isDeepStrictEqual } from "node:util";

import { RkeError } from "../errors.ts";
import { withDeadline } from "../execute/deadline.ts";
import { retry } from "../execute/retry.ts";
import type { Kube } from "../hosts/kube.ts";
import type { KubeObject } from "../hosts/kube-objects.ts";
import { apiPatienceMs } from "./kube-node.ts";
import { defineStep } from "./step.ts";

export interface ApplyObjectParams {
  /** Of the object itself: `/api/v1/namespaces/kube-system/configmaps/coredns`. */
  readonly path: string;
  readonly object: KubeObject;
}

/** Makes an object of Kubernetes what it should be. Fields that are not mentioned belong to others. */
export const applyObject = defineStep<ApplyObjectParams>("apply-object", {
  title: ({ object: { kind, metadata } }) => `apply ${kind} ${metadata.name}`,

  async run({ path, object }, context) {
    const doing = `apply ${object.kind} ${object.metadata.name}`;
    const attempt = async () => {
      const signal = withDeadline(context.signal, apiPatienceMs, doing);
      const kube = await context.kube();
      const there = await kube.request<KubeObject>("GET", path, { doing, signal });
      if (there !== undefined && contains(there, object)) return "unchanged";
      const version = await apply(kube, { path, object, signal });
      // The server fills in what is not mentioned, within lists as well; it knows better whether anything is different.
      return version !== undefined && version === there?.metadata.resourceVersion ? "unchanged" : "changed";
    };
    return retry(doing, attempt, { context, attempts: 6 });
  },
});

/** Whether all that is wanted is there already. Lists are compared whole: their order may mean something. */
export function contains(there: unknown, wanted: unknown): boolean {
  if (!isMap(there) || !isMap(wanted)) return isDeepStrictEqual(there, wanted);
  return Object.entries(wanted).every(([key, value]) => value === undefined || contains(there[key], value));
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Applying extends ApplyObjectParams {
  readonly signal: AbortSignal;
}

/** Returns the version of the object afterwards, if the server says it. */
async function apply(kube: Kube, { path, object, signal }: Applying): Promise<string | undefined> {
  try {
    const applied = await kube.apply(path, object, { fieldManager: "pulumi-rke", force: true, signal });
    return applied.metadata.resourceVersion;
  } catch (error) {
    if (!isTooOldToApply(error)) throw error;
    await createOrMerge(kube, { path, object, signal });
    return undefined;
  }
}

/** API servers before 1.16 answer 415 to a server-side apply. */
const isTooOldToApply = (error: unknown): boolean =>
  error instanceof RkeError && error.detail.because.startsWith("the API server answered 415");

async function createOrMerge(kube: Kube, { path, object, signal }: Applying): Promise<void> {
  const doing = `apply ${object.kind} ${object.metadata.name}`;
  const contentType = "application/merge-patch+json";
  if ((await kube.request("PATCH", path, { doing, body: object, contentType, signal })) !== undefined) return;
  const collection = path.slice(0, path.lastIndexOf("/"));
  await kube.request("POST", collection, { doing, body: object, signal });
}
