import { unknownValue } from "../config/unknowns.ts";
import type { Properties } from "./handler.ts";

/** Without what Pulumi cannot store: nothing that is undefined, and only plain data. */
export const storable = (properties: object): Properties => JSON.parse(JSON.stringify(properties)) as Properties;

/** A map, or an empty one where there is none or it is not known yet. */
export const mapAt = (properties: Properties, key: string): Properties => {
  const value = properties[key];
  return isMap(value) ? value : {};
};

export const textAt = (properties: Properties, key: string): string | undefined => {
  const value = properties[key];
  return typeof value === "string" && value !== "" && value !== unknownValue ? value : undefined;
};

export const isMap = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether two values are the same data, whatever the order of their keys. What is undefined is as good as absent. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  if (!isMap(a) || !isMap(b)) return false;
  return [a, b].every((map) => Object.keys(map).every((key) => isSame(a[key], b[key])));
}

/** The same text for the same data. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    isMap(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  ) ?? "";

/**
 * Names of inputs that are not in the state as they are wanted now. Outputs repeat the inputs, so this is what an update
 * has to bring into the state even where nothing is to be done about it. `outputs` are the names that are no inputs.
 */
export function changedInputs(
  olds: Properties,
  news: Properties,
  { outputs }: { outputs: readonly string[] },
): readonly string[] {
  const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...names]
    .filter((name) => name !== "__provider" && (Object.hasOwn(news, name) || !outputs.includes(name)))
    .filter((name) => !isSame(olds[name], news[name]))
    .sort();
}
