import type { GoField, GoStruct, GoType } from "./go-type.ts";
import { inKeyOrder, isAbsent, isEmpty, isKeyed, type Keyed, mapped } from "./values.ts";

/** What RKE's YAML encoder makes of a value. It knows nothing of JSON: Kubernetes types come out as Go holds them. */
export function yamlOf(value: unknown, type: GoType): unknown {
  switch (type.kind) {
    case "struct":
      return structOf(value ?? {}, type);
    case "pointer":
      return isAbsent(value) ? null : yamlOf(value, type.of);
    case "list":
      return Array.isArray(value) ? value.map((item) => yamlOf(item, type.of)) : (value ?? []);
    case "map":
      return isKeyed(value) ? mapped(value, (item) => yamlOf(item, type.of)) : (value ?? {});
    case "text":
      return typeof value === "number" ? String(value) : (value ?? "");
    case "number":
      return value ?? 0;
    case "flag":
      return value ?? false;
    case "time":
      return value ?? "0001-01-01T00:00:00Z";
    case "duration":
      return { duration: value ?? "0s" };
    case "quantity":
      return { format: isAbsent(value) ? "" : quantityFormat(String(value)) };
    case "intOrText":
      return typeof value === "string"
        ? { type: 1, intval: 0, strval: value }
        : { type: 0, intval: value ?? 0, strval: "" };
    case "rawObject":
      return { typemeta: {}, raw: bytesOf(value), contentencoding: "", contenttype: "application/json" };
    case "rawBytes":
      return { raw: bytesOf(value) };
    default:
      return type satisfies never;
  }
}

function structOf(value: unknown, { fields }: GoStruct): unknown {
  return isKeyed(value) ? Object.fromEntries(fields.flatMap((field) => entriesOf(value, field))) : value;
}

function entriesOf(value: Keyed, { name, state, yaml, type, leftOutOfYaml }: GoField): [string, unknown][] {
  const own = state === undefined ? value : value[name];
  return leftOutOfYaml && isZero(own, type) ? [] : [[yaml, yamlOf(own, type)]];
}

/** Unlike JSON's, the YAML encoder leaves out a struct of which all fields are empty. */
function isZero(value: unknown, type: GoType): boolean {
  if (type.kind !== "struct" || !isKeyed(value)) return isEmpty(value, type);
  return type.fields.every((field) => isZero(value[field.name], field.type));
}

/** All that this encoder sees of a quantity. The number itself is private to Go's type and gets lost. */
function quantityFormat(given: string): string {
  if (/[KMGTPE]i$/.test(given)) return "BinarySI";
  return /\d[eE][+-]?\d+$/.test(given) ? "DecimalExponent" : "DecimalSI";
}

/** The bytes of a value as Go's JSON encoder writes it: keys in order, and safe to stand in HTML. */
function bytesOf(value: unknown): readonly number[] {
  const json = JSON.stringify(inKeyOrder(value)).replace(/[<>&\u2028\u2029]/g, escaped);
  return [...new TextEncoder().encode(json)];
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
