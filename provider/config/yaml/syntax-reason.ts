import { quoted } from "../quoted.ts";
import type { SyntaxFinding } from "./tree.ts";

interface Where {
  readonly source: string;
  readonly at: number;
  readonly maxDepth: number;
}

/** Says in a sentence what the YAML parser stumbled over, and shows the line where that is safe. */
export function syntaxFinding(reason: string, { source, at, maxDepth }: Where): SyntaxFinding {
  const line = sourceLine(source, at);
  const known = sentences.find(([part]) => reason.includes(part))?.[1];
  const excerpt = shownLine(line);
  return {
    at,
    reason: known?.({ line, maxDepth }) ?? `The text is not valid YAML: ${reason}`,
    ...(excerpt !== undefined && { excerpt }),
  };
}

type Sentence = (where: { readonly line: string; readonly maxDepth: number }) => string;

/** What the parser says, in part, and what a person needs to hear. The first that fits wins. */
const sentences: readonly (readonly [string, Sentence])[] = [
  ["nesting exceeded", ({ maxDepth }) => `The file is nested more than ${maxDepth} levels deep`],
  ["tab characters", () => "A tab is used for indentation: use spaces"],
  [
    "bad indentation of a mapping entry",
    ({ line }) =>
      /:\s.*:(\s|$)/.test(line)
        ? 'A value cannot contain ": " without quotes: quote the value, or put the second key on a line of its own'
        : /:\s+[@`%]/.test(line)
          ? "A value cannot begin with this character: quote the value"
          : "The indentation does not fit: line the key up with the keys of the same block",
  ],
  ["bad indentation of a sequence entry", () => 'The indentation does not fit: line the "-" up with the other items'],
  [
    "deficient indentation",
    () => "The text ends in the middle of a value: close the quote or bracket, or indent the line",
  ],
  ["within a flow collection", () => "A bracket is opened and not closed: add the missing ] or }"],
  ["single quoted scalar", () => "A single quote is opened and not closed"],
  ["double quoted scalar", () => "A double quote is opened and not closed"],
  ["missed comma", () => "Two items stand side by side in brackets: put a comma between them"],
  ["found ','", () => "A comma has no item before it: remove it"],
  ["expected ':' after a mapping key", () => 'A key is not followed by ":"'],
  ["multiline key", () => 'A line is neither a key with ":" nor an item with "-"'],
  ["whitespace character is expected", () => 'A space is missing after ":"'],
  ["unknown escape", () => "The backslash does not begin an escape that YAML knows: use single quotes"],
  ["hexadecimal", () => "The backslash does not begin a complete escape: use single quotes"],
  [
    "end of the stream or a document separator",
    () => "The line does not belong to the block above it: check its indentation",
  ],
  ["anchor property", () => "A value has two anchors (&name): keep one"],
  ["tag property", () => "A value has two tags (!name): keep one"],
  ["unacceptable YAML version", () => "The file names a YAML version other than 1: remove the %YAML line"],
];

const longestLine = 500;

function sourceLine(source: string, at: number): string {
  const start = Math.max(source.lastIndexOf("\n", at - 1), source.lastIndexOf("\r", at - 1)) + 1;
  const rest = source.slice(start, start + longestLine);
  const end = rest.search(/[\r\n]/);
  return end < 0 ? rest : rest.slice(0, end);
}

const maySay = /(pass|secret|token|key|cert|auth|cred|custom_ca)[\w-]*["']?\s*[:=]\s*\S/i;
const looksLikeKeyMaterial = /[A-Za-z0-9+/=]{32,}/;

/** The line in quotes, unless it may hold a password or a key. */
function shownLine(line: string): string | undefined {
  const text = line.trim().replaceAll("\t", " ");
  if (text === "" || maySay.test(text) || looksLikeKeyMaterial.test(text)) return undefined;
  return quoted(text);
}
