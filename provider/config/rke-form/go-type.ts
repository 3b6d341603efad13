/**
 * How Go holds a value. RKE's two spellings of a configuration are what Go's encoders make of its types, so that each
 * spelling is one short function over these.
 */
export type GoType = GoScalar | GoContainer | GoStruct;

export interface GoScalar {
  readonly kind:
    | "text"
    | "number"
    | "flag"
    | "time"
    | "duration"
    | "quantity"
    | "intOrText"
    /** A Kubernetes object of any type, kept as JSON. */
    | "rawObject"
    /** Any JSON, kept as bytes. */
    | "rawBytes";
}

export interface GoContainer {
  readonly kind: "list" | "map" | "pointer";
  readonly of: GoType;
}

export interface GoStruct {
  readonly kind: "struct";
  readonly fields: readonly GoField[];
}

export interface GoField {
  /** The key in our own configuration. */
  readonly name: string;
  /** The key in JSON; undefined when the fields of this one stand in the place of it. */
  readonly state: string | undefined;
  /** The key in YAML. */
  readonly yaml: string;
  readonly type: GoType;
  /** Whether JSON leaves the key out when the value is empty. */
  readonly leftOutOfState: boolean;
  /** Whether YAML leaves the key out when the value is empty. */
  readonly leftOutOfYaml: boolean;
}

export const text: GoScalar = { kind: "text" };
export const number: GoScalar = { kind: "number" };
export const flag: GoScalar = { kind: "flag" };
export const time: GoScalar = { kind: "time" };
export const duration: GoScalar = { kind: "duration" };
export const quantity: GoScalar = { kind: "quantity" };
export const intOrText: GoScalar = { kind: "intOrText" };
export const rawObject: GoScalar = { kind: "rawObject" };
export const rawBytes: GoScalar = { kind: "rawBytes" };

export const list = (of: GoType): GoContainer => ({ kind: "list", of });
export const map = (of: GoType): GoContainer => ({ kind: "map", of });
/** A value that can be absent, which is not the same as empty. */
export const pointer = (of: GoType): GoContainer => ({ kind: "pointer", of });

/**
 * A struct of Kubernetes, by its keys in JSON. A question mark marks a key that JSON leaves out when it is empty; three
 * dots, an embedded struct by its name in Go. YAML has the field's name in lower case: that of JSON, where `goNames`
 * does not give another.
 */
export function struct(
  fields: Readonly<Record<string, GoType>>,
  goNames: Readonly<Record<string, string>> = {},
): GoStruct {
  return { kind: "struct", fields: Object.entries(fields).map(([key, type]) => field(key, type, goNames)) };
}

function field(key: string, type: GoType, goNames: Readonly<Record<string, string>>): GoField {
  const name = key.replace(/^\.\.\.|\?$/g, "");
  return {
    name,
    state: key.startsWith("...") ? undefined : name,
    yaml: (goNames[name] ?? name).toLowerCase(),
    type,
    leftOutOfState: key.endsWith("?"),
    leftOutOfYaml: false,
  };
}
