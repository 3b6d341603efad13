import type { GoStruct, GoType } from "./go-type.ts";
import { isAbsent, isKeyed, type Keyed, mapped } from "./values.ts";

/** The value that a JSON form stands for, under our own keys; undefined for null. The inverse of `stateOf`. */
export function readState(json: unknown, type: GoType): unknown {
  if (isAbsent(json)) return undefined;
  switch (type.kind) {
    case "struct":
      return isKeyed(json) ? readStruct(json, type) : json;
    case "pointer":
      return readState(json, type.of);
    case "list":
      return Array.isArray(json) ? json.map((item) => readState(item, type.of) ?? zeroItem(type.of)) : json;
    case "map":
      return isKeyed(json) ? mapped(json, (item) => readState(item, type.of) ?? zeroItem(type.of)) : json;
    default:
      return json;
  }
}

function readStruct(json: Keyed, { fields }: GoStruct): Keyed {
  const entries = fields.flatMap(({ name, state, type }): [string, unknown][] => {
    if (state === undefined) return Object.entries(readState(json, type) as Keyed);
    const value = readState(json[state], type);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

/** What Go has where a list or a map holds null. */
function zeroItem({ kind }: GoType): unknown {
  if (kind === "list") return [];
  return kind === "text" ? "" : {};
}
