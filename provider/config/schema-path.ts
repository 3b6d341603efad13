import { z } from "zod";

import type { Path } from "./finding.ts";
import { unwrapped } from "./schema/naming.ts";

/** What a schema says about one of its parts. */
interface SchemaPart {
  /** Undefined inside values whose shape is not ours. */
  readonly schema: z.core.$ZodType | undefined;
  /** Whether the part, or something it lies in, must never be printed. */
  readonly secret: boolean;
}

/** Follows a path into a schema. */
export function schemaAt(root: z.core.$ZodType, path: Path): SchemaPart {
  const start = unwrapped(root);
  let schema: z.core.$ZodType | undefined = start.schema;
  let secret = start.naming.secret === true;
  for (const key of path) {
    const next = below(schema, key);
    if (next === undefined) return { schema: undefined, secret };
    const part = unwrapped(next);
    schema = part.schema;
    secret ||= part.naming.secret === true;
  }
  return { schema, secret };
}

function below(schema: z.core.$ZodType | undefined, key: string | number): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return undefined;
}
