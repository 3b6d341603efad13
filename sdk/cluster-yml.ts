import type { ClusterArgs } from "../provider/config/schema/cluster.ts";

/** The arguments of a cluster, as `RkeCluster` takes them. */
export type ClusterYmlArgs = ClusterArgs & { nodes: NonNullable<ClusterArgs["nodes"]> };

export interface ClusterYmlOptions {
  /** Take keys that RKE does not know for errors. RKE passes over them, and so does this function unless told otherwise. */
  readonly strict?: boolean;
  /** Gets a sentence for each oddity that is no error. Default: a warning of the Node.js process. */
  readonly onWarning?: (sentence: string) => void;
}

/**
 * Turns the text of a cluster.yml into arguments.
 *
 * @throws an error that names everything wrong with the text, with its lines.
 */
export function clusterYml(text: string, { strict = false, onWarning = warn }: ClusterYmlOptions = {}): ClusterYmlArgs {
  // The reader and what it needs are loaded only here: a program that has no cluster.yml does not pay for them.
  const { argumentsOf } =
    require("../provider/config/arguments-of.js") as typeof import("../provider/config/arguments-of.ts");
  const { args, warnings } = argumentsOf(text, { strict });
  for (const warning of warnings) onWarning(warning);
  return { ...args, nodes: args.nodes ?? [] };
}

const warn = (sentence: string): void => process.emitWarning(sentence, "ClusterYmlWarning");
