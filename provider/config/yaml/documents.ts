/** A text up to the end of its first YAML document, and where another one begins. */
interface FirstDocument {
  readonly source: string;
  readonly moreDocumentsAt: number | undefined;
}

const marker = /^(---|\.\.\.)(?=[ \t\r\n]|$)/gm;
const content = /^[ \t]*[^\s#%]/m;

/**
 * Cuts a text off where its first document ends. RKE never looks at what follows, so errors there are none.
 * A marker in the first column is one everywhere, even inside a block of text.
 */
export function firstDocument(text: string): FirstDocument {
  const begun = /^\uFEFF?---(?=[ \t\r\n]|$)/m.exec(text);
  const hasPreamble = begun !== null && !content.test(text.slice(text.startsWith("\uFEFF") ? 1 : 0, begun.index));
  marker.lastIndex = hasPreamble ? begun.index + begun[0].length : 0;
  const end = marker.exec(text);
  if (end === null) return { source: text, moreDocumentsAt: undefined };
  const isMore = end[1] === "---" || content.test(text.slice(end.index + end[0].length));
  return { source: text.slice(0, end.index), moreDocumentsAt: isMore ? end.index : undefined };
}
