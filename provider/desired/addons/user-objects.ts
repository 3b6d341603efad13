import { yamlValues } from "../../config/yaml/values.ts";
import { RkeError } from "../../errors.ts";
import type { Manifest } from "./manifest.ts";

/** The objects of manifests that a person brings along, lists of them taken apart. Nothing of their content is ever said. */
export function userObjects(text: string, { from }: { from: string }): readonly Manifest[] {
  const doing = `read the objects of ${from}`;
  return yamlValues(text, { doing }).flatMap((value, index) =>
    listed(value).map((object) => checked(object, { doing, place: `document ${index + 1}` })),
  );
}

const listed = (value: unknown): readonly unknown[] => {
  const isList = isMap(value) && value.apiVersion === "v1" && value.kind === "List" && Array.isArray(value.items);
  return isList ? (value.items as readonly unknown[]) : [value];
};

function checked(object: unknown, { doing, place }: { doing: string; place: string }): Manifest {
  const missing = whatIsMissing(object);
  if (missing === undefined) return object as Manifest;
  throw new RkeError("config", {
    doing,
    because: `${place} has no ${missing}`,
    hint: "Every object needs apiVersion, kind and metadata.name",
  });
}

function whatIsMissing(object: unknown): string | undefined {
  if (!isMap(object) || typeof object.apiVersion !== "string") return "apiVersion";
  if (typeof object.kind !== "string") return "kind";
  return isMap(object.metadata) && typeof object.metadata.name === "string" ? undefined : "metadata.name";
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
