import { RkeError } from "../../errors.ts";
import { yamlDocuments } from "./all-documents.ts";
import { jsonOf } from "./json.ts";
import { positionsIn } from "./lines.ts";
import { Walk, WalkLimit } from "./walk.ts";

/** The JSON values of all documents of a text, as Kubernetes makes them; empty documents are none. */
export function yamlValues(text: string, { doing }: { doing: string }): readonly unknown[] {
  const positionOf = positionsIn(text);
  return [...yamlDocuments(text)].flatMap(({ at, tree }) => {
    const refuse = (offset: number, reason: string) =>
      new RkeError("config", { doing, because: `line ${positionOf(at + offset).line}: ${reason}` });
    if (!tree.ok) throw refuse(tree.finding.at, tree.finding.reason);
    if (tree.root === undefined) return [];
    const walk = new Walk((offset) => positionOf(at + offset).line);
    const value = read(() => jsonOf(tree.root as NonNullable<typeof tree.root>, { path: [], yaml: [] }, walk));
    const [failure] = walk.failures;
    if (failure !== undefined) throw refuse(failure.at, failure.reason);
    return value === null ? [] : [value];
  });
}

/** A walk that has met its limit has said so among its failures. */
function read(what: () => unknown): unknown {
  try {
    return what();
  } catch (error) {
    if (error instanceof WalkLimit) return undefined;
    throw error;
  }
}
