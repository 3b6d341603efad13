import type { Path } from "../finding.ts";
import { unknownValue } from "../unknowns.ts";
import { unusableText } from "./characters.ts";
import { booleanOf, isNull, numberOf } from "./scalars.ts";
import type { YamlNode, YamlScalar } from "./tree.ts";
import type { Resolved, Walk } from "./walk.ts";

interface Place {
  readonly path: Path;
  readonly yaml: Path;
}

/** The JSON value of a YAML tree, as Kubernetes makes it from YAML 1.1: plain `yes` is true, dates stay texts. */
export function jsonOf(node: YamlNode, place: Place, walk: Walk): unknown {
  const resolved = walk.resolve(node, place);
  if (resolved === undefined) return unknownValue;
  return walk.within(resolved, place, () => jsonOfResolved(resolved, place, walk));
}

/** The same for a part that is being read already. */
export function jsonOfResolved(node: Resolved, place: Place, walk: Walk): unknown {
  switch (node.kind) {
    case "scalar":
      return scalar(node, place, walk);
    case "list":
      return node.items.map((item, index) => {
        const below = { path: [...place.path, index], yaml: [...place.yaml, index] };
        walk.remember(below.path, item.at);
        return jsonOf(item, below, walk);
      });
    case "map":
      return Object.fromEntries(
        walk.entries(node, place, { jsonKeys: true }).map((entry) => {
          const below = { path: [...place.path, entry.key], yaml: [...place.yaml, entry.key] };
          walk.remember(below.path, entry.at);
          return [entry.key, jsonOf(entry.value, below, walk)];
        }),
      );
    default:
      return node satisfies never;
  }
}

function scalar(node: YamlScalar, place: Place, walk: Walk): unknown {
  if (isNull(node)) return null;
  const value = booleanOf(node) ?? numberOf(node) ?? node.text;
  if (typeof value === "string") {
    const unusable = unusableText(value);
    return unusable === undefined ? value : walk.fail(node.at, place, unusable);
  }
  const isTooLarge = typeof value === "number" && !Number.isFinite(value);
  return isTooLarge ? walk.fail(node.at, place, `The number ${node.text} is too large`) : value;
}
