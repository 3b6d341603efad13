import type { YamlScalar } from "./tree.ts";

type Scalar = Pick<YamlScalar, "plain" | "text">;

/** Whether a scalar means "nothing", as in YAML 1.1. */
export const isNull = ({ plain, text }: Scalar): boolean => plain && nulls.has(text);

/** True or false if a scalar means that in YAML 1.1; only what stands without quotes does. */
export function booleanOf({ plain, text }: Scalar): boolean | undefined {
  return plain ? booleans.get(text) : undefined;
}

/** The number a scalar stands for as RKE's YAML library reads it: decimal, hexadecimal, octal, binary, or with a fraction. */
export function numberOf({ plain, text }: Scalar): number | undefined {
  if (!plain) return undefined;
  const digits = text.replaceAll("_", "");
  const integer = /^([-+]?)(0x[\da-f]+|0b[01]+|0o?[0-7]+|0|[1-9]\d*)$/i.exec(digits);
  if (integer !== null && /^[-+]?\d/.test(text)) {
    const [, sign, magnitude = ""] = integer;
    const size = Number(/^0[0-7]/.test(magnitude) ? `0o${magnitude.slice(1)}` : magnitude);
    return sign === "-" && size !== 0 ? -size : size;
  }
  return /^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i.test(digits) && /^[-+.\d]/.test(text) ? Number(digits) : undefined;
}

/** What a scalar is, as it would be called in a message. */
export function scalarKind(scalar: Scalar): "nothing" | "a boolean" | "a number" | "a text" {
  if (isNull(scalar)) return "nothing";
  if (booleanOf(scalar) !== undefined) return "a boolean";
  return numberOf(scalar) === undefined ? "a text" : "a number";
}

const nulls = new Set(["", "~", "null", "Null", "NULL"]);

const spelled = (...words: string[]) =>
  words.flatMap((word) => [word, word.toUpperCase(), (word[0] ?? "").toUpperCase() + word.slice(1)]);

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...spelled("y", "yes", "true", "on").map((word) => [word, true] as const),
  ...spelled("n", "no", "false", "off").map((word) => [word, false] as const),
]);
