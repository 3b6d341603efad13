import { yamlDocuments } from "../yaml/all-documents.ts";
import { positionsIn } from "../yaml/lines.ts";
import { isNull } from "../yaml/scalars.ts";
import type { YamlMap, YamlNode } from "../yaml/tree.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

const path = ["addons"];

/** Manifests that people bring along: every document must be YAML, and should be a Kubernetes object. */
export function* addonRules({ given }: Draft): Generator<Verdict> {
  const text = given.addons ?? "";
  const positionOf = positionsIn(text);
  for (const { at, tree } of yamlDocuments(text)) {
    if (!tree.ok) {
      const { line } = positionOf(at + tree.finding.at);
      yield failure(path, `Line ${line} of the text is not valid YAML. ${tree.finding.reason}`);
    } else if (tree.root !== undefined && !isEmpty(tree.root) && !isObject(tree.root)) {
      const { line } = positionOf(at + tree.root.at);
      yield failure(
        path,
        `The document in line ${line} of the text is not a Kubernetes object: apiVersion and kind are wanted`,
      );
    }
  }
  for (const [index, file] of (given.addonsInclude ?? []).entries()) {
    if (file.trim() === "") yield warning(["addonsInclude", index], "The name is empty: name a file or a URL");
  }
}

const isEmpty = (node: YamlNode): boolean => node.kind === "scalar" && isNull(node);

function isObject(node: YamlNode): boolean {
  return node.kind === "map" && ["apiVersion", "kind"].every((key) => hasKey(node, key));
}

const hasKey = (map: YamlMap, name: string) =>
  map.entries.some(({ key }) => key.kind === "scalar" && key.text === name);
