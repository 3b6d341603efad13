import type { SyntaxFinding } from "./tree.ts";

// Everything outside tab, line breaks and printable characters, and halves of surrogate pairs.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const unreadable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u0084\u0086-\u009F\uFFFE\uFFFF]|\p{Surrogate}/u;

/** The first character that YAML does not allow, as in a file that is binary or UTF-16. */
export function unreadableCharacter(text: string): SyntaxFinding | undefined {
  const at = text.search(unreadable);
  if (at < 0) return undefined;
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
  return { at, reason: `The character U+${code} is not allowed in YAML: save the file as UTF-8 text` };
}

/** What keeps a text, after its escapes are resolved, from being used as one. */
export function unusableText(text: string): string | undefined {
  if (text.includes("\0")) return "The text contains the character NUL: remove it";
  if (/\p{Surrogate}/u.test(text)) return "The text contains half of a surrogate pair: write the whole character";
  return undefined;
}
