import type { ObjectRef } from "./object-ref.ts";

/** A kind of object as an API server lists it. */
interface Resource {
  /** As it stands in paths: `daemonsets`. */
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** An object at its place in the API, its namespace settled. */
export interface PlacedRef {
  readonly ref: ObjectRef;
  readonly path: string;
}

export type PlaceOf = (ref: ObjectRef) => Promise<PlacedRef | undefined>;

/**
 * Finds out where objects stand. `ask` answers which kinds a version of an API has: it is asked once for each version, and
 * again for one that lacks a kind, since kinds can be defined meanwhile.
 */
export function objectPlaces(ask: (apiVersion: string) => Promise<readonly Resource[]>): PlaceOf {
  const known = new Map<string, Promise<readonly Resource[]>>();
  const asked = (apiVersion: string): Promise<readonly Resource[]> => {
    const asking = ask(apiVersion);
    known.set(apiVersion, asking);
    return asking;
  };
  return async (ref) => {
    const isOfKind = ({ kind }: Resource) => kind === ref.kind;
    const before = await known.get(ref.apiVersion);
    const resource = before?.find(isOfKind) ?? (await asked(ref.apiVersion)).find(isOfKind);
    return resource === undefined ? undefined : placed(ref, resource);
  };
}

/** What has namespaces and names none is in `default`; what has none loses a name that was given all the same. */
function placed({ apiVersion, kind, namespace, name }: ObjectRef, resource: Resource): PlacedRef {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  if (!resource.namespaced) return { ref: { apiVersion, kind, name }, path: `${root}/${resource.name}/${name}` };
  const within = namespace ?? "default";
  return {
    ref: { apiVersion, kind, namespace: within, name },
    path: `${root}/namespaces/${within}/${resource.name}/${name}`,
  };
}
