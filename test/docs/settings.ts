import { z } from "zod";

import { isVerbatim, type Naming, unwrapped, yamlKey } from "../../provider/config/schema/naming.ts";
import type { DocumentedType } from "./sources.ts";

/** One key of a cluster.yml under its name in programs. */
export interface Setting {
  readonly path: readonly string[];
  readonly name: string;
  /** The key in cluster.yml. */
  readonly yaml: string;
  /** In words; a block by its title, for links. */
  readonly type: { readonly words: string; readonly block?: string };
  readonly about: string;
  readonly isSecret: boolean;
  readonly schema: z.core.$ZodType;
}

/** A map of settings. */
export interface Block {
  /** `services.kubeApi`; `nodes[]` for the items of a list, `virtualCenter.*` for the values of a map. */
  readonly title: string;
  readonly settings: readonly Setting[];
}

/** All blocks of a schema, each before those that it has inside. */
export function blocksOf(
  schema: z.core.$ZodType,
  about: DocumentedType,
  title = "",
  path: readonly string[] = [],
): readonly Block[] {
  if (!(schema instanceof z.ZodObject)) throw new Error(`"${title}" is not a block`);
  const entries = Object.entries(schema.shape as Readonly<Record<string, z.core.$ZodType>>);
  const settings = entries.map(([name, value]) => settingOf(name, value, { block: schema, about, path, title }));
  const inner = entries.flatMap(([name, value]) => {
    const found = blockIn(name, { value, title });
    return found === undefined ? [] : blocksOf(found.schema, about.below(name), found.title, [...path, name]);
  });
  return [{ title, settings }, ...inner];
}

interface Place {
  readonly block: z.core.$ZodType;
  readonly about: DocumentedType;
  readonly path: readonly string[];
  readonly title: string;
}

function settingOf(name: string, value: z.core.$ZodType, { block, about, path, title }: Place): Setting {
  const { schema, naming }: { schema: z.core.$ZodType; naming: Naming } = unwrapped(value);
  const inner = blockIn(name, { value, title });
  return {
    path: [...path, name],
    name,
    yaml: yamlKey(block, name, naming),
    type: { words: typeText(schema), ...(inner && { block: inner.title }) },
    about: about.about(name),
    isSecret: naming.secret === true,
    schema,
  };
}

function blockIn(
  name: string,
  { value, title }: { value: z.core.$ZodType; title: string },
): { readonly schema: z.ZodObject; readonly title: string } | undefined {
  const { schema } = unwrapped(value);
  if (isVerbatim(schema)) return undefined;
  const [mark, inside] =
    schema instanceof z.ZodArray
      ? ["[]", unwrapped(schema.element).schema]
      : schema instanceof z.ZodRecord
        ? [".*", unwrapped(schema.valueType).schema]
        : ["", schema];
  const own = [title, `${name}${mark}`].filter(Boolean).join(".");
  return inside instanceof z.ZodObject && !isVerbatim(inside) ? { schema: inside, title: own } : undefined;
}

/** Where the name of a block comes in. */
export const block = "block";

function typeText(schema: z.core.$ZodType): string {
  if (isVerbatim(schema)) return "any JSON";
  if (schema instanceof z.ZodOptional) return typeText(schema.unwrap());
  if (schema instanceof z.ZodString) return "text";
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (schema instanceof z.ZodNumber) return schema.format === "safeint" ? "whole number" : "number";
  if (schema instanceof z.ZodEnum)
    return schema.options
      .filter((one) => one !== "")
      .map((one) => `\`${one}\``)
      .join(", ");
  if (schema instanceof z.ZodLiteral) return [...schema.values].map((one) => `\`${String(one)}\``).join(", ");
  if (schema instanceof z.ZodUnion) return schema.options.map(typeText).join(" or ");
  if (schema instanceof z.ZodArray) return `list of ${typeText(schema.element)}`;
  if (schema instanceof z.ZodRecord) return `map of ${typeText(schema.valueType)}`;
  if (schema instanceof z.ZodObject) return block;
  throw new Error(`A ${schema._zod.def.type} has no words yet`);
}
