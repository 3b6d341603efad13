export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Metadata;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
  readonly [key: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFields[];
}

interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  readonly controller?: boolean;
}

export interface ManagedFields {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion?: string;
  readonly fieldsType?: "FieldsV1";
  readonly fieldsV1: JsonObject;
}

export const isMap = (value: unknown): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `a=b,c!=d,e,!f` and `a in (b,c)` against labels. */
export function matchesLabels(labels: Readonly<Record<string, string>>, selector: string): boolean {
  const terms = selector.split(/,(?![^(]*\))/).filter(Boolean);
  return terms.every((term) => {
    const [, key = "", operator = "", list = ""] = /^\s*(\S+)\s+(in|notin)\s+\((.*)\)\s*$/.exec(term) ?? [];
    if (operator !== "") return list.split(",").some((one) => one.trim() === labels[key]) === (operator === "in");
    const [, name = "", sign = "", value = ""] = /^\s*(!?[^=!\s]+)\s*(==|!=|=)?\s*(.*?)\s*$/.exec(term) ?? [];
    if (sign === "") return name.startsWith("!") ? !(name.slice(1) in labels) : name in labels;
    return (labels[name] === value) === (sign !== "!=");
  });
}

/** `metadata.name=x,spec.nodeName!=y` against any field. */
export function matchesFields(object: KubeObject, selector: string): boolean {
  return selector
    .split(",")
    .filter(Boolean)
    .every((term) => {
      const [, path = "", sign = "=", value = ""] = /^([^=!]+)(==|!=|=)(.*)$/.exec(term) ?? [];
      const found = path.split(".").reduce<unknown>((at, key) => (isMap(at) ? at[key] : undefined), object);
      return (String(found ?? "") === value) === (sign !== "!=");
    });
}
