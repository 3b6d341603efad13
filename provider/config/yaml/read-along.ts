import { z } from "zod";

import type { Path } from "../finding.ts";
import { quoted } from "../quoted.ts";
import { isVerbatim, unwrapped } from "../schema/naming.ts";
import { unknownValue } from "../unknowns.ts";
import { unusableText } from "./characters.ts";
import { jsonOfResolved } from "./json.ts";
import { knownKeys, unknownKeyReason } from "./keys.ts";
import { booleanOf, isNull, numberOf, scalarKind } from "./scalars.ts";
import type { YamlNode, YamlScalar } from "./tree.ts";
import type { Resolved, Walk } from "./walk.ts";

/** Where a value stands: in our names, in those of the file, and whether it must not be printed. */
interface Place {
  readonly path: Path;
  readonly yaml: Path;
  readonly secret: boolean;
}

/**
 * Turns a YAML tree into arguments, key by key along a schema, with the scalar rules of RKE's YAML library. A value that
 * cannot be read becomes `unknownValue`, so that nothing is concluded from it.
 */
export function readAlong(root: YamlNode, schema: z.core.$ZodType, walk: Walk): unknown {
  return read(root, unwrapped(schema).schema, { path: [], yaml: [], secret: false }, walk);
}

function read(node: YamlNode, schema: z.core.$ZodType, place: Place, walk: Walk): unknown {
  const resolved = walk.resolve(node, place);
  if (resolved === undefined) return unknownValue;
  if (resolved.kind === "scalar" && isNull(resolved)) return undefined;
  return walk.within(resolved, place, () => readResolved(resolved, schema, place, walk));
}

function readResolved(node: Resolved, schema: z.core.$ZodType, place: Place, walk: Walk): unknown {
  if (isVerbatim(schema)) return readVerbatim(node, place, walk);
  if (schema instanceof z.ZodObject) return readBlock(node, schema, place, walk);
  if (schema instanceof z.ZodRecord) return readRecord(node, schema, place, walk);
  if (schema instanceof z.ZodArray) return readList(node, schema, place, walk);
  if (schema instanceof z.ZodBoolean) return readBoolean(node, place, walk);
  if (schema instanceof z.ZodNumber) return readNumber(node, schema, place, walk);
  if (schema instanceof z.ZodUnion && schema.options.some((option) => option instanceof z.ZodNumber)) {
    return readIntOrText(node, schema, place, walk);
  }
  const text = readText(node, place, walk);
  // RKE takes an empty choice for no choice.
  return text === "" && !(schema instanceof z.ZodString) ? undefined : text;
}

function readBlock(node: Resolved, schema: z.ZodObject, place: Place, walk: Walk): unknown {
  if (node.kind !== "map") return wanted("A map is wanted", node, place, walk);
  const known = knownKeys(schema);
  const values: [string, unknown][] = [];
  for (const entry of walk.entries(node, place)) {
    const key = known.get(entry.key);
    if (key === undefined) {
      const isAnchorShelf = place.path.length === 0 && entry.key.startsWith("x-");
      if (!isAnchorShelf) walk.unknownKey(entry, place, () => unknownKeyReason(entry.key, schema));
      continue;
    }
    const below = child(place, { name: key.name, yaml: entry.key, secret: key.naming.secret === true });
    walk.remember(below.path, entry.at);
    const value = read(entry.value, key.schema, below, walk);
    if (value !== undefined) values.push([key.name, value]);
  }
  return Object.fromEntries(values);
}

function readRecord(node: Resolved, schema: z.ZodRecord, place: Place, walk: Walk): unknown {
  if (node.kind !== "map") return wanted("A map is wanted", node, place, walk);
  const item = unwrapped(schema.valueType).schema;
  return Object.fromEntries(
    walk.entries(node, place).map((entry) => {
      const below = child(place, { name: entry.key, yaml: entry.key });
      walk.remember(below.path, entry.at);
      return [entry.key, read(entry.value, item, below, walk) ?? zero(item)];
    }),
  );
}

function readList(node: Resolved, schema: z.ZodArray, place: Place, walk: Walk): unknown {
  if (node.kind !== "list") {
    const instead =
      node.kind === "map"
        ? 'put "- " before each item'
        : place.secret || !/^[\w.:/-]{1,60}$/.test(node.text)
          ? 'put "- " before the item'
          : `write [${node.text}]`;
    return wanted("A list is wanted", node, place, walk, instead);
  }
  const item = unwrapped(schema.element).schema;
  return node.items.map((value, index) => {
    const below = child(place, { name: index, yaml: index });
    walk.remember(below.path, value.at);
    return read(value, item, below, walk) ?? zero(item);
  });
}

function readVerbatim(node: Resolved, place: Place, walk: Walk): unknown {
  return node.kind === "map" ? jsonOfResolved(node, place, walk) : wanted("A map is wanted", node, place, walk);
}

function readBoolean(node: Resolved, place: Place, walk: Walk): unknown {
  if (node.kind !== "scalar") return wanted("A boolean is wanted", node, place, walk);
  const value = booleanOf(node);
  if (value !== undefined) return value;
  const quoted = booleanOf({ ...node, plain: true }) !== undefined;
  return wanted("A boolean is wanted", node, place, walk, quoted ? "remove the quotes" : "write true or false");
}

function readNumber(node: Resolved, schema: z.ZodNumber, place: Place, walk: Walk): unknown {
  const isWhole = schema.format === "safeint";
  const want = isWhole ? "A whole number is wanted" : "A number is wanted";
  if (node.kind !== "scalar") return wanted(want, node, place, walk);
  const value = isWhole ? wholeNumber(node) : numberOf(node);
  if (value !== undefined && Number.isFinite(value)) return value;
  const quoted = numberOf({ ...node, plain: true }) !== undefined && !node.plain;
  return wanted(want, node, place, walk, quoted ? "remove the quotes" : undefined);
}

/** The first kind that the schema names is what a plain number becomes. */
function readIntOrText(node: Resolved, schema: z.ZodUnion, place: Place, walk: Walk): unknown {
  if (node.kind !== "scalar") return wanted("A number or a percentage is wanted", node, place, walk);
  const number = schema.options[0] instanceof z.ZodNumber ? wholeNumber(node) : undefined;
  return number ?? readText(node, place, walk);
}

function readText(node: Resolved, place: Place, walk: Walk): unknown {
  if (node.kind !== "scalar") return wanted("A text is wanted", node, place, walk);
  const unusable = unusableText(node.text);
  return unusable === undefined ? node.text : walk.fail(node.at, place, unusable);
}

function wholeNumber(scalar: YamlScalar): number | undefined {
  const value = numberOf(scalar);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** What RKE has where a list or a map holds `~`. */
function zero(schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodArray) return [];
  return schema instanceof z.ZodObject || schema instanceof z.ZodRecord ? {} : "";
}

function wanted(want: string, node: Resolved, place: Place, walk: Walk, instead?: string): string {
  return walk.fail(node.at, place, `${want}, ${found(node, place)}${instead === undefined ? "" : `: ${instead}`}`);
}

function found(node: Resolved, { secret }: Place): string {
  if (node.kind !== "scalar") return `a ${node.kind} was found`;
  // What follows "=" may be a password, as in an environment variable.
  const isHidden = secret || node.text.includes("=");
  return `${scalarKind(node)} was found${isHidden ? "" : ` (${shown(node)})`}`;
}

const shown = ({ plain, text }: YamlScalar) =>
  plain && scalarKind({ plain, text }) !== "a text" ? text : quoted(text);

function child(
  { path, yaml, secret }: Place,
  key: { readonly name: string | number; readonly yaml: string | number; readonly secret?: boolean },
): Place {
  return { path: [...path, key.name], yaml: [...yaml, key.yaml], secret: secret || key.secret === true };
}
