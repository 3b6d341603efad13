import { firstDocument } from "./documents.ts";
import { type YamlText, yamlTree } from "./tree.ts";

interface YamlDocument {
  /** Offset of the document in the text. */
  readonly at: number;
  readonly tree: YamlText;
}

/** Reads every document of a text. */
export function* yamlDocuments(text: string): Generator<YamlDocument> {
  let at = 0;
  for (;;) {
    const rest = text.slice(at);
    const { moreDocumentsAt } = firstDocument(rest);
    yield { at, tree: yamlTree(rest.slice(0, moreDocumentsAt)) };
    if (moreDocumentsAt === undefined) return;
    at += moreDocumentsAt;
    // The end of a document is not the beginning of the next.
    if (text.startsWith("...", at)) at += 3;
  }
}
