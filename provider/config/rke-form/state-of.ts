import type { GoField, GoStruct, GoType } from "./go-type.ts";
import { inKeyOrder, isAbsent, isEmpty, isKeyed, type Keyed, mapped } from "./values.ts";

/** What Go's JSON encoder makes of a value. A value of another kind than the type says stays as it is. */
export function stateOf(value: unknown, type: GoType): unknown {
  switch (type.kind) {
    case "struct":
      return structOf(value ?? {}, type);
    case "pointer":
      return isAbsent(value) ? null : stateOf(value, type.of);
    case "list":
      return Array.isArray(value) ? value.map((item) => stateOf(item, type.of)) : (value ?? null);
    case "map":
      return isKeyed(value) ? mapped(value, (item) => stateOf(item, type.of)) : (value ?? null);
    case "text":
    case "quantity":
      return typeof value === "number" ? String(value) : (value ?? zeros[type.kind]);
    case "rawObject":
      return inKeyOrder(value ?? null);
    default:
      return value ?? zeros[type.kind];
  }
}

function structOf(value: unknown, { fields }: GoStruct): unknown {
  return isKeyed(value) ? Object.fromEntries(fields.flatMap((field) => entriesOf(value, field))) : value;
}

function entriesOf(value: Keyed, { name, state, type, leftOutOfState }: GoField): [string, unknown][] {
  if (state === undefined) return Object.entries(stateOf(value, type) as Keyed);
  const own = value[name];
  return leftOutOfState && !isNeverEmpty(type) && isEmpty(own, type) ? [] : [[state, stateOf(own, type)]];
}

/** Go's JSON encoder never leaves out what it holds as a struct. */
const isNeverEmpty = ({ kind }: GoType): boolean => kind === "struct" || kind === "time" || kind === "quantity";

const zeros = {
  text: "",
  number: 0,
  flag: false,
  time: null,
  duration: "0s",
  quantity: "0",
  intOrText: 0,
  rawBytes: null,
} as const;
