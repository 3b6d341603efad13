import type { GoType } from "./go-type.ts";

export type Keyed = Readonly<Record<string, unknown>>;

export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** Whether a value is an object with keys: neither a list nor nothing. */
export const isKeyed = (value: unknown): value is Keyed =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object with another value under each of its keys. */
export const mapped = (value: Keyed, change: (item: unknown) => unknown): Keyed =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));

/** Whether Go counts a value as empty: absent behind a pointer, otherwise nothing, zero, false, or without entries. */
export function isEmpty(value: unknown, { kind }: GoType): boolean {
  if (isAbsent(value)) return true;
  if (kind === "pointer") return false;
  if (kind === "list" || kind === "map") return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false;
}

/** The same JSON value with the keys of all its objects in order, as Go writes maps. */
export function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (!isKeyed(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, inKeyOrder(value[key])]),
  );
}
