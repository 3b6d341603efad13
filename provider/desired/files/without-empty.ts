/** Leaves out what Go's "omitempty" leaves out: nothing, "", 0, false and empty lists; in depth, but no objects. */
export function withoutEmpty(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => !isEmpty(child))
      .map(([key, child]) => [key, inDepth(child)]),
  );
}

function inDepth(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inDepth);
  return typeof value === "object" && value !== null ? withoutEmpty(value as Record<string, unknown>) : value;
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === "" ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0);
