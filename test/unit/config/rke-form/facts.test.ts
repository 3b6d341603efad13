import { describe, expect, it } from "vitest";
import { z } from "zod";

import {
  alwaysInState,
  inPlace,
  kubernetesTypes,
  leftOutOfYaml,
  matches,
  pointers,
} from "../../../../provider/config/rke-form/facts.ts";
import { cluster } from "../../../../provider/config/schema/cluster.ts";
import { unwrapped } from "../../../../provider/config/schema/naming.ts";

const schemaPlaces = new Set(placesIn(cluster, []));

describe("the facts about RKE's types", () => {
  it.each([
    { facts: "inPlace", places: [...inPlace] },
    { facts: "pointers", places: [...pointers] },
    { facts: "alwaysInState", places: alwaysInState },
    { facts: "leftOutOfYaml", places: leftOutOfYaml },
    { facts: "kubernetesTypes", places: Object.keys(kubernetesTypes) },
  ])("$facts names only places that the schema has", ({ places }) => {
    const unknown = places.filter((place) => !schemaPlaces.has(place.replace(/^!|\.\*$/g, "")));

    expect(unknown).toEqual([]);
  });
});

describe("matches", () => {
  const patterns = ["a.*", "!a.b.*", "a.b.c", "d"];

  it.each([
    { path: "a", matched: false },
    { path: "a.x", matched: true },
    { path: "a.x.y", matched: true },
    { path: "ab.x", matched: false },
    { path: "a.b.x", matched: false },
    { path: "a.b.c", matched: true },
    { path: "d", matched: true },
    { path: "d.x", matched: false },
  ])("lets the last pattern that fits decide: $path", ({ path, matched }) => {
    expect(matches(patterns, path)).toBe(matched);
  });
});

function placesIn(schema: z.core.$ZodType, place: readonly string[]): readonly string[] {
  if (schema instanceof z.ZodArray) return placesIn(unwrapped(schema.element).schema, place);
  if (schema instanceof z.ZodRecord) return placesIn(unwrapped(schema.valueType).schema, place);
  const below =
    schema instanceof z.ZodObject
      ? Object.entries(schema.shape).flatMap(([key, value]) => placesIn(unwrapped(value).schema, [...place, key]))
      : [];
  return [place.join("."), ...below];
}
