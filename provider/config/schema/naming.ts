import { z } from "zod";

/** How a key is written outside TypeScript, where the rule for its block does not give it, and whether its value is a secret. */
export interface Naming {
  /** The key in cluster.yml. */
  readonly yaml?: string;
  /** The key in `rkeConfig` of cluster.rkestate. */
  readonly state?: string;
  /** Never printed, always encrypted in Pulumi's state. */
  readonly secret?: true;
  /** No key of RKE's: left out of what is written for it. */
  readonly own?: true;
}

/** How the keys of a block are derived from their TypeScript names in cluster.yml; blocks not listed here use snake_case. */
export type Casing = "snake" | "kebab" | "lower" | "same";

const namings = z.registry<Naming>();
const casings = z.registry<{ readonly casing: Casing }>();
const opaque = z.registry<{ readonly kind: "kubernetes" | "json" }>();

/** Gives a key the spelling it has in RKE's files. */
export function named<T extends z.core.$ZodType>(schema: T, naming: Naming): T {
  namings.add(schema, naming);
  return schema;
}

/** Marks a value that must never be printed. */
export const secret = <T extends z.core.$ZodType>(schema: T): T => named(schema, { secret: true });

/** Gives all keys of a block another casing than snake_case. */
export function cased<T extends z.core.$ZodType>(schema: T, casing: Casing): T {
  casings.add(schema, { casing });
  return schema;
}

/** Marks a value that is handed on as Kubernetes or JSON reads it: its keys are data, not settings of ours. */
export function verbatim<T extends z.core.$ZodType>(schema: T): T {
  opaque.add(schema, { kind: "json" });
  return schema;
}

export const isVerbatim = (schema: z.core.$ZodType): boolean => opaque.has(schema);

/** The schema under `.optional()`, with the naming found on the way. */
export function unwrapped(schema: z.core.$ZodType): { readonly schema: z.core.$ZodType; readonly naming: Naming } {
  let naming = namings.get(schema) ?? {};
  let inner = schema;
  while (inner instanceof z.ZodOptional) {
    inner = inner.unwrap();
    naming = { ...namings.get(inner), ...naming };
  }
  return { schema: inner, naming };
}

/** The key as it stands in cluster.yml. */
export function yamlKey(block: z.core.$ZodType, key: string, naming: Naming): string {
  return naming.yaml ?? cases[casings.get(block)?.casing ?? "snake"](key);
}

/** The key as it stands in the `rkeConfig` of a state file: the spelling of cluster.yml where that is not snake_case. */
export function stateKey(block: z.core.$ZodType, key: string, naming: Naming): string {
  if (naming.state !== undefined) return naming.state;
  return casings.get(block)?.casing === "kebab" ? cases.kebab(key) : key;
}

const separated = (separator: string) => (key: string) =>
  key.replace(/[A-Z]+/g, (capitals) => separator + capitals.toLowerCase());

const cases: Readonly<Record<Casing, (key: string) => string>> = {
  snake: separated("_"),
  kebab: separated("-"),
  lower: (key) => key.toLowerCase(),
  same: (key) => key,
};
