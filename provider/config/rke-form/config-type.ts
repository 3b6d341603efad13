import { z } from "zod";

import { cluster } from "../schema/cluster.ts";
import { stateKey, unwrapped, yamlKey } from "../schema/naming.ts";
import { alwaysInState, inPlace, kubernetesTypes, leftOutOfYaml, matches, pointers } from "./facts.ts";
import { flag, type GoStruct, type GoType, list, map, number, pointer, text } from "./go-type.ts";

/** The whole configuration as RKE holds it: the schema, with what the schema cannot know about Go. */
export const configType: GoStruct = structOf(cluster, []);

/** The place of a key in the schema; items of lists and maps count as the list or the map. */
type Place = readonly string[];

function structOf(block: z.ZodObject, place: Place): GoStruct {
  const fields = Object.entries(block.shape).flatMap(([name, value]) => {
    const { schema, naming } = unwrapped(value);
    if (naming.own) return [];
    const below = [...place, name];
    const field = {
      name,
      state: stateKey(block, name, naming),
      yaml: yamlKey(block, name, naming),
      type: valueType(schema, below),
      leftOutOfState: !matches(alwaysInState, below.join(".")),
      leftOutOfYaml: matches(leftOutOfYaml, below.join(".")),
    };
    return [field];
  });
  return { kind: "struct", fields };
}

function valueType(schema: z.core.$ZodType, place: Place): GoType {
  const path = place.join(".");
  const type = typeOf(schema, place);
  const isPointer = type.kind === "struct" ? !inPlace.has(path) : pointers.has(path);
  return isPointer ? pointer(type) : type;
}

function typeOf(schema: z.core.$ZodType, place: Place): GoType {
  const known = kubernetesTypes[place.join(".")];
  if (known !== undefined) return known;
  if (schema instanceof z.ZodObject) return structOf(schema, place);
  if (schema instanceof z.ZodArray) return list(typeOf(unwrapped(schema.element).schema, place));
  if (schema instanceof z.ZodRecord) return map(typeOf(unwrapped(schema.valueType).schema, place));
  if (schema instanceof z.ZodBoolean) return flag;
  return schema instanceof z.ZodNumber ? number : text;
}
