import type { IncomingMessage } from "node:http";
import { isDeepStrictEqual } from "node:util";

import type { Answer } from "./exchange.ts";
import { bodyOf, HttpRefusal, parseJson } from "./http.ts";
import { ownChanges, serverSideApply } from "./kube-apply.ts";
import { existing, note, type ResourceCall } from "./kube-call.ts";
import { evict } from "./kube-evict.ts";
import { apiVersionOf, builtInKinds, type Kind, kindOf, targetOf } from "./kube-kinds.ts";
import { liveObject } from "./kube-live.ts";
import { type Json, type KubeObject, matchesFields, matchesLabels } from "./kube-object.ts";
import { mergePatch, strategicPatch } from "./kube-patch.ts";
import { kubeRefusal } from "./kube-refusal.ts";
import type { KubeStore } from "./kube-store.ts";
import { settleWorkloads } from "./kube-workloads.ts";
import type { Machine } from "./machine.ts";

/** Serves lists, objects, changes and evictions of every kind, built in or defined. */
export async function serveResource(
  store: KubeStore,
  { machine, request }: { readonly machine: Machine; readonly request: IncomingMessage },
): Promise<Answer> {
  const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://kube");
  const kinds = store.kinds();
  const discovered = discovery(pathname, kinds);
  if (discovered !== undefined) return { status: 200, body: discovered };
  const target = targetOf(pathname, kinds);
  if (target === undefined) throw kubeRefusal(404, "NotFound", "the server could not find the requested resource");
  const call: ResourceCall = { ...target, machine, request, store, query };
  if (settled.has(target.kind.plural)) settleWorkloads(machine.world, store);
  if (target.subresource === "eviction" && request.method === "POST") return evict(call);
  if (query.get("watch") === "true") throw kubeRefusal(405, "MethodNotAllowed", "the fleet has no watches");
  const verb = verbs[`${request.method} ${target.name === undefined ? "all" : "one"}`];
  if (verb === undefined) throw kubeRefusal(405, "MethodNotAllowed", `${request.method} is not supported here`);
  return verb(call);
}

const settled = new Set(["pods", "deployments", "daemonsets", "statefulsets", "poddisruptionbudgets"]);

const verbs: Readonly<Record<string, (call: ResourceCall) => Promise<Answer> | Answer>> = {
  "GET all": list,
  "POST all": create,
  "DELETE all": (call) => {
    for (const object of selected(call)) remove(call, object);
    return { status: 200, body: { kind: "Status", apiVersion: "v1", status: "Success" } };
  },
  "GET one": (call) => ({ status: 200, body: live(call, existing(call)) }),
  "PUT one": replace,
  "PATCH one": patch,
  "DELETE one": (call) => ({ status: 200, body: live(call, remove(call, existing(call))) }),
};

const live = ({ machine, store, kind }: ResourceCall, object: KubeObject): KubeObject =>
  liveObject(machine.world, store, kind, object);

function selected(call: ResourceCall): readonly KubeObject[] {
  const labels = call.query.get("labelSelector") ?? "";
  const fields = call.query.get("fieldSelector") ?? "";
  const found = call.store
    .list(call.kind, call.namespace)
    .filter(({ metadata }) => matchesLabels(metadata.labels ?? {}, labels));
  // Fields of the spec are stored, so most objects are ruled out before their status is computed.
  const cheap = fields.startsWith("status.") ? found : found.filter((object) => matchesFields(object, fields));
  return cheap.map((object) => live(call, object)).filter((object) => matchesFields(object, fields));
}

function list(call: ResourceCall): Answer {
  const metadata = { resourceVersion: String(call.store.cluster.revision) };
  const items = selected(call).map((object) => (builtInKinds.includes(call.kind) ? withoutKind(object) : object));
  const body = { kind: `${call.kind.kind}List`, apiVersion: apiVersionOf(call.kind), metadata, items };
  return { status: 200, body };
}

/** What a list is of stands at its top; only objects of custom kinds repeat it. */
const withoutKind = ({ apiVersion: _, kind: __, ...object }: KubeObject): KubeObject => object;

async function create(call: ResourceCall): Promise<Answer> {
  const given = withPlace(call, parseJson<KubeObject>(await bodyOf(call.request)));
  if (isDryRun(call)) return { status: 201, body: given };
  needNamespace(call);
  const object = call.store.create(call.kind, ownChanges(undefined, given, managerOf(call)));
  note(call, "object written", object.metadata.name);
  return { status: 201, body: live(call, object) };
}

async function replace(call: ResourceCall): Promise<Answer> {
  const given = withPlace(call, parseJson<KubeObject>(await bodyOf(call.request)));
  return changed(call, existing(call), given);
}

async function patch(call: ResourceCall): Promise<Answer> {
  const type = (call.request.headers["content-type"] ?? "").split(";")[0];
  const body = parseJson<KubeObject>(await bodyOf(call.request));
  if (type === "application/apply-patch+yaml") return apply(call, withPlace(call, body));
  const combine = {
    "application/merge-patch+json": mergePatch,
    "application/strategic-merge-patch+json": strategicPatch,
  }[type ?? ""];
  if (combine === undefined)
    throw kubeRefusal(415, "UnsupportedMediaType", `the body of the request was in an unknown format: ${type}`);
  const before = existing(call);
  const { resourceVersion: _, ...metadata } = before.metadata;
  const target = JSON.parse(JSON.stringify({ ...before, metadata })) as Json;
  return changed(call, before, combine(target, body as unknown as Json) as unknown as KubeObject);
}

/** The status of an object changes only at its own address, and that address changes nothing else. */
function changed(call: ResourceCall, before: KubeObject, given: KubeObject): Answer {
  const { status: _, ...rest } = given;
  const kept = before.status === undefined ? rest : { ...rest, status: before.status };
  const wanted =
    call.subresource === "status" ? { ...before, ...(given.status !== undefined && { status: given.status }) } : kept;
  if (isDryRun(call)) return { status: 200, body: wanted };
  const next = ownChanges(before, wanted as KubeObject, managerOf(call));
  // A change that changes nothing is not written, so that the object keeps its version.
  const isSame =
    next.metadata.resourceVersion === undefined && isDeepStrictEqual(withoutVersion(next), withoutVersion(before));
  const object = isSame ? before : call.store.update(call.kind, before, next);
  if (isSame) return { status: 200, body: live(call, object) };
  noteChange(call, before, object);
  return { status: 200, body: live(call, object) };
}

function withoutVersion({ metadata, ...object }: KubeObject): object {
  const { resourceVersion: _, ...rest } = metadata;
  return JSON.parse(JSON.stringify({ ...object, metadata: { managedFields: [], ...rest } }));
}

function apply(call: ResourceCall, wanted: KubeObject): Answer {
  const manager = call.query.get("fieldManager");
  if (manager === null)
    throw kubeRefusal(422, "Invalid", "PatchOptions.meta.k8s.io is invalid: fieldManager: Required value");
  const before = call.store.get(call.kind, call.namespace, call.name ?? "");
  const { object, conflicts } = serverSideApply(before, wanted, manager);
  if (conflicts.length > 0 && call.query.get("force") !== "true") {
    const count = conflicts.length === 1 ? "1 conflict" : `${conflicts.length} conflicts`;
    const list = conflicts.map((conflict) => `conflict with "${conflict.manager}": ${conflict.field}`);
    const causes = conflicts.map(({ field, manager: other }) => ({
      reason: "FieldManagerConflict",
      message: `conflict with "${other}"`,
      field,
    }));
    throw kubeRefusal(409, "Conflict", `Apply failed with ${count}: ${list.join(", ")}`, { causes });
  }
  if (isDryRun(call)) return { status: before === undefined ? 201 : 200, body: object };
  if (before === undefined) {
    needNamespace(call);
    const created = call.store.create(call.kind, object);
    note(call, "object written", created.metadata.name);
    return { status: 201, body: live(call, created) };
  }
  const { resourceVersion: _, ...metadata } = object.metadata;
  refuseOtherJob(call, before, object);
  const isSame = isDeepStrictEqual(before, object);
  const after = isSame ? before : call.store.update(call.kind, before, { ...object, metadata });
  if (!isSame) noteChange(call, before, after);
  return { status: 200, body: live(call, after) };
}

/** What a job runs is settled when it is made. */
function refuseOtherJob({ kind }: ResourceCall, before: KubeObject, after: KubeObject): void {
  if (kind.plural !== "jobs") return;
  if (JSON.stringify(before.spec?.template) === JSON.stringify(after.spec?.template)) return;
  const what = `Job.batch "${before.metadata.name}" is invalid`;
  throw kubeRefusal(422, "Invalid", `${what}: spec.template: Invalid value: field is immutable`);
}

export function remove(call: ResourceCall, object: KubeObject): KubeObject {
  const removed = call.store.delete(call.kind, object);
  // What belongs to an owner goes after it, as the garbage collector has it.
  for (const pod of call.store.list(kindOf("pods"), call.namespace)) {
    const isOwned = pod.metadata.ownerReferences?.some(({ uid }) => uid !== undefined && uid === object.metadata.uid);
    if (isOwned === true) call.store.delete(kindOf("pods"), pod);
  }
  note(call, call.kind.plural === "nodes" ? "node deleted" : "object deleted", object.metadata.name);
  return removed;
}

function withPlace({ kind, namespace, name }: ResourceCall, given: KubeObject): KubeObject {
  if (given.metadata === undefined) throw kubeRefusal(400, "BadRequest", "metadata is missing");
  if (name !== undefined && given.metadata.name !== undefined && given.metadata.name !== name) {
    throw kubeRefusal(
      400,
      "BadRequest",
      `the name of the object (${given.metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  const place = { ...(name !== undefined && { name }), ...(namespace !== undefined && { namespace }) };
  return { ...given, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { ...given.metadata, ...place } };
}

function needNamespace({ store, namespace }: ResourceCall): void {
  const kind = store.kinds().find(({ plural }) => plural === "namespaces");
  if (namespace === undefined || kind === undefined || store.get(kind, undefined, namespace) !== undefined) return;
  throw kubeRefusal(404, "NotFound", `namespaces "${namespace}" not found`);
}

const isDryRun = ({ query }: ResourceCall): boolean => query.get("dryRun") === "All";

const managerOf = ({ query, request }: ResourceCall): string =>
  query.get("fieldManager") ?? (request.headers["user-agent"] ?? "unknown").split("/")[0] ?? "unknown";

function noteChange(call: ResourceCall, before: KubeObject, after: KubeObject): void {
  const [was, is] = [before, after].map(({ spec }) => spec?.unschedulable === true);
  if (call.kind.plural === "nodes" && was !== is)
    note(call, is === true ? "node cordoned" : "node uncordoned", after.metadata.name);
  else note(call, "object written", after.metadata.name);
}

/** Some of the parts of objects that are listed among the kinds. */
const partsOf: Readonly<Record<string, readonly string[]>> = {
  nodes: ["nodes/status"],
  pods: ["pods/eviction", "pods/status"],
  daemonsets: ["daemonsets/status"],
  deployments: ["deployments/scale", "deployments/status"],
};

/** What a client asks to find out where the objects of a kind live. */
function discovery(path: string, kinds: readonly Kind[]): object | undefined {
  const groupVersion = /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))\/?$/.exec(path)?.slice(1).find(Boolean);
  if (groupVersion !== undefined) {
    const found = kinds.filter((kind) => apiVersionOf(kind) === groupVersion);
    if (found.length === 0) throw new HttpRefusal(404, "404 page not found");
    const resources = found.flatMap(({ plural, kind, namespaced }) =>
      [plural, ...(partsOf[plural] ?? [])].map((name) => ({ name, kind, namespaced, verbs: ["get", "list", "patch"] })),
    );
    return { kind: "APIResourceList", groupVersion, resources };
  }
  if (path === "/api") return { kind: "APIVersions", versions: ["v1"] };
  if (path !== "/apis") return undefined;
  const groups = [...new Set(kinds.map(({ group }) => group))].filter((group) => group !== "");
  return {
    kind: "APIGroupList",
    groups: groups.map((name) => {
      const own = [...new Set(kinds.filter(({ group }) => group === name).map(apiVersionOf))];
      const versions = own.map((one) => ({ groupVersion: one, version: one.split("/")[1] }));
      return { name, versions, preferredVersion: versions[0] };
    }),
  };
}
