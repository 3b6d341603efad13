import fc from "fast-check";

import { unknownValue } from "../../provider/config/unknowns.ts";
import { vector, vectorNames } from "./vectors.ts";

const files = vectorNames.map((name) => vector(name).clusterYml);

/** A cluster.yml with parts cut out, doubled, or replaced by something that has a meaning in YAML. */
export const damagedClusterYml: fc.Arbitrary<string> = fc
  .record({
    file: fc.constantFrom(...files),
    wounds: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.nat({ max: 20 }),
        instead: fc.oneof(
          fc.constantFrom(
            "",
            ":",
            "- ",
            "\n",
            "\t",
            "{",
            "[",
            "'",
            '"',
            "&a ",
            "*a",
            "!!set ",
            "~",
            "0x",
            "\0",
            "|\n",
            "<<: ",
          ),
          fc.string({ unit: "binary", maxLength: 5 }),
        ),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  })
  .map(({ file, wounds }) =>
    wounds.reduce((text, { at, length, instead }) => {
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + instead + text.slice(start + length);
    }, file),
  );

/** Puts Pulumi's marker for "not known yet" in the place of some parts of a value. */
export function partlyUnknown(value: unknown): fc.Arbitrary<unknown> {
  return fc.infiniteStream(fc.nat({ max: 9 })).map((dice) => blurred(value, () => (dice.next().value ?? 0) === 0));
}

function blurred(value: unknown, isUnknown: () => boolean): unknown {
  if (isUnknown()) return unknownValue;
  if (Array.isArray(value)) return value.map((item) => blurred(item, isUnknown));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, blurred(item, isUnknown)]));
}
