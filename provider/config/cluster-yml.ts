import type { Finding, Path } from "./finding.ts";
import { dotted, valueAt } from "./paths.ts";
import { cluster } from "./schema/cluster.ts";
import { unknownValue } from "./unknowns.ts";
import { inYamlWords, yamlNames } from "./yaml/keys.ts";
import { positionsIn, type TextPosition } from "./yaml/lines.ts";
import { readAlong } from "./yaml/read-along.ts";
import { type SyntaxFinding, type YamlNode, yamlTree } from "./yaml/tree.ts";
import { Walk, type WalkFinding, WalkLimit } from "./yaml/walk.ts";

/** A finding in a file: its path in the spelling of the file, and where it stands. */
export interface YamlFinding extends Finding {
  /** `services.kube-api.extra_args`; empty for the file as a whole. */
  readonly yamlPath: string;
  readonly line?: number;
  readonly column?: number;
  /** What a strict reading takes for a failure: a key that does not exist, and so has no effect. */
  readonly kind?: "unknown-key";
}

export interface YamlReading {
  /**
   * The arguments, not checked yet. A value that could not be read is in `failures` and stands here as unknown, so that
   * `parseCluster` neither reports it again nor draws conclusions from it.
   */
  readonly args: unknown;
  readonly failures: readonly YamlFinding[];
  readonly warnings: readonly YamlFinding[];
  /** Where an argument stands in the file; for one that does not, where the block stands that it belongs to. */
  readonly where: (path: Path) => TextPosition | undefined;
  /** An argument's path as the file would spell it. */
  readonly yamlPath: (path: Path) => string;
  /** A finding of `parseCluster`, in the words of the file and with the place in it. */
  readonly locate: (finding: Finding) => YamlFinding;
}

/** Reads a cluster.yml as RKE reads it, and says what RKE keeps to itself: unknown and repeated keys, with their lines. */
export function readClusterYml(text: string): YamlReading {
  const positionOf = positionsIn(text);
  const walk = new Walk((at) => positionOf(at).line);
  const finding = ({ path, yaml, at, reason }: WalkFinding): YamlFinding => ({
    path,
    yamlPath: dotted(yaml),
    ...positionOf(at),
    reason,
  });

  const tree = yamlTree(text);
  const failures: YamlFinding[] = tree.ok ? [] : [finding(syntaxFailure(tree.finding))];
  const args = tree.ok ? argumentsOf(tree.root, walk) : unknownValue;
  failures.push(...walk.failures.map(finding));

  const warnings: YamlFinding[] = walk.unknownKeys.map((found) => ({ ...finding(found), kind: "unknown-key" }));
  if (tree.ok && tree.moreDocumentsAt !== undefined) {
    const reason = "Another YAML document begins here: only the first is read";
    warnings.push(finding({ path: [], yaml: [], at: tree.moreDocumentsAt, reason }));
  }
  if (tree.ok && args !== unknownValue && !valueAt(args, ["kubernetesVersion"])) {
    const reason = "No Kubernetes version is given: the newest that RKE knows is taken once and kept";
    warnings.push({ path: ["kubernetesVersion"], yamlPath: "kubernetes_version", reason });
  }

  const where = (path: Path): TextPosition | undefined => {
    for (let length = path.length; length > 0; length--) {
      const at = walk.offset(path.slice(0, length));
      if (at !== undefined) return positionOf(at);
    }
    return undefined;
  };
  const yamlPath = (path: Path) => dotted(yamlNames(cluster, path));
  const locate = ({ path, reason }: Finding): YamlFinding => ({
    path,
    yamlPath: yamlPath(path),
    ...where(path),
    reason: inYamlWords(cluster, reason),
  });
  return { args, failures, warnings, where, yamlPath, locate };
}

function syntaxFailure({ at, reason, excerpt }: SyntaxFinding): WalkFinding {
  return { path: [], yaml: [], at, reason: excerpt === undefined ? reason : `${reason}: ${excerpt}` };
}

function argumentsOf(root: YamlNode | undefined, walk: Walk): unknown {
  if (root === undefined) return {};
  try {
    return readAlong(root, cluster, walk) ?? {};
  } catch (error) {
    if (error instanceof WalkLimit) return unknownValue;
    throw error;
  }
}
