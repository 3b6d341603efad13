import type { Manifest } from "./manifest.ts";

/** Which object is meant. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for objects of the cluster as a whole, and where nobody said it: those are in `default`. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

export const refOf = ({ apiVersion, kind, metadata: { namespace, name } }: Manifest): ObjectRef => ({
  apiVersion,
  kind,
  ...(namespace !== undefined && { namespace }),
  name,
});

/** `DaemonSet kube-system/canal`, for titles and messages. */
export const refText = ({ kind, namespace, name }: ObjectRef): string =>
  `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;

/** `apps/v1 DaemonSet kube-system/canal`, small enough for a state file. */
export const refLine = (ref: ObjectRef): string => `${ref.apiVersion} ${refText(ref)}`;

/** What {@link refLine} has made. No part of it can contain a space or a slash. */
export function refOfLine(line: string): ObjectRef {
  const [apiVersion = "", kind = "", place = ""] = line.split(" ");
  const [name = "", namespace] = place.split("/").reverse();
  return { apiVersion, kind, ...(namespace !== undefined && { namespace }), name };
}

/** The same for two references to one object, whatever version of its API they speak of. */
export function refKey({ apiVersion, kind, namespace, name }: ObjectRef): string {
  const group = apiVersion.includes("/") ? apiVersion.split("/", 1)[0] : "";
  return `${group} ${kind} ${namespace === undefined || namespace === "default" ? "" : namespace}/${name}`;
}

/** What the other lists do not have. */
export function refsWithout(refs: readonly ObjectRef[], others: readonly ObjectRef[]): readonly ObjectRef[] {
  const known = new Set(others.map(refKey));
  return refs.filter((ref) => !known.has(refKey(ref)));
}
