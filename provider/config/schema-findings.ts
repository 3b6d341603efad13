import { z } from "zod";

import type { Finding, Path } from "./finding.ts";
import { nearestName } from "./nearest-name.ts";
import { valueAt } from "./paths.ts";
import { quoted } from "./quoted.ts";
import { schemaAt } from "./schema-path.ts";

/** Says in our words what the schema has against a value: one finding per place. */
export function schemaFindings(issue: z.core.$ZodIssue, root: z.core.$ZodType, input: unknown): readonly Finding[] {
  const path = pathOf(issue);
  if (issue.code === "unrecognized_keys") {
    const { schema } = schemaAt(root, path);
    return issue.keys.map((key) => ({ path: [...path, key], reason: unknownKey(key, schema) }));
  }
  const { secret } = schemaAt(root, path);
  return [{ path, reason: reasonOf(issue, valueAt(input, path), secret) }];
}

/** The places that an issue is about. */
export function placesOf(issue: z.core.$ZodIssue): readonly Path[] {
  const path = pathOf(issue);
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
}

const pathOf = (issue: z.core.$ZodIssue): Path =>
  issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));

function unknownKey(key: string, schema: z.core.$ZodType | undefined): string {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const meant = nearestName(key, known);
  return `Unknown key ${quoted(key)}${meant === undefined ? "" : `: did you mean "${meant}"?`}`;
}

function reasonOf(issue: z.core.$ZodIssue, value: unknown, secret: boolean): string {
  const found = `${described(value, secret)} was found`;
  switch (issue.code) {
    case "invalid_type":
      return `${capitalised(wanted(issue.expected))} is wanted, ${found}`;
    case "invalid_value":
      return choice(issue.values, value, found);
    case "too_small":
      return `A number of ${issue.minimum} or more is wanted, ${found}`;
    case "too_big":
      return `A number of ${issue.maximum} or less is wanted, ${found}`;
    case "invalid_union":
      return union(issue, value, found);
    default:
      return `${found}, which cannot be used here`;
  }
}

function choice(values: readonly unknown[], value: unknown, found: string): string {
  const names = values.filter((candidate) => typeof candidate === "string" && candidate !== "").map(String);
  if (typeof value !== "string") return `A text is wanted, ${found}`;
  const meant = nearestName(value, names);
  const instead = meant === undefined ? `write ${oneOf(names)}` : `did you mean "${meant}"?`;
  return `${quoted(value)} is not possible here: ${instead}`;
}

/** A value that fits none of several: their choices put together, or the kinds that would do. */
function union(issue: z.core.$ZodIssueInvalidUnion, value: unknown, found: string): string {
  const branches = issue.errors.flat();
  const values = branches.flatMap((branch) => (branch.code === "invalid_value" ? branch.values : []));
  if (values.length > 0) return choice(values, value, found);
  const kinds = new Set(
    branches.flatMap((branch) => (branch.code === "invalid_type" ? [wanted(branch.expected)] : [])),
  );
  return kinds.size === 0
    ? `A JSON value is wanted, ${found}`
    : `${capitalised([...kinds].join(" or "))} is wanted, ${found}`;
}

const kindNames: Readonly<Partial<Record<string, string>>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "a boolean",
  array: "a list",
  object: "a map",
  record: "a map",
  null: "null",
};

const wanted = (expected: string) => kindNames[expected] ?? expected;

function described(value: unknown, secret: boolean): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  const kind = kindNames[typeof value] ?? `a ${typeof value}`;
  if (secret || typeof value === "function" || typeof value === "symbol") return kind;
  // What follows "=" may be a password, as in an environment variable.
  if (typeof value === "string") return value.includes("=") ? kind : `${kind} (${quoted(value)})`;
  return `${kind} (${value})`;
}

function oneOf(names: readonly string[]): string {
  const all = names.map((name) => `"${name}"`);
  return all.length > 1 ? `${all.slice(0, -1).join(", ")} or ${all.at(-1)}` : all.join("");
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
