import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from "js-yaml";

import { unreadableCharacter } from "./characters.ts";
import { firstDocument } from "./documents.ts";
import { syntaxFinding } from "./syntax-reason.ts";

/** A part of a YAML file, with the offset in the text at which it begins. */
export type YamlNode = YamlScalar | YamlList | YamlMap | YamlAlias;

export interface YamlScalar {
  readonly kind: "scalar";
  readonly at: number;
  /** What stands in the file, without quotes and with escapes resolved. */
  readonly text: string;
  /** Whether the text may mean something other than a text: `yes`, `0x10`, `~`. */
  readonly plain: boolean;
  readonly tag: string | undefined;
}

export interface YamlList {
  readonly kind: "list";
  readonly at: number;
  readonly items: readonly YamlNode[];
  readonly tag: string | undefined;
}

export interface YamlMap {
  readonly kind: "map";
  readonly at: number;
  readonly entries: readonly YamlEntry[];
  readonly tag: string | undefined;
}

interface YamlEntry {
  readonly key: YamlNode;
  readonly value: YamlNode;
}

/** A reference to a part that was named with `&`. Its target is undefined when nothing before it has that name. */
interface YamlAlias {
  readonly kind: "alias";
  readonly at: number;
  readonly name: string;
  readonly target: YamlNode | undefined;
}

/** Something in the text that keeps it from being YAML. */
export interface SyntaxFinding {
  readonly at: number;
  readonly reason: string;
  /** The line in quotes, unless it may hold a password or a key. */
  readonly excerpt?: string;
}

export type YamlText =
  | { readonly ok: true; readonly root: YamlNode | undefined; readonly moreDocumentsAt: number | undefined }
  | { readonly ok: false; readonly finding: SyntaxFinding };

/** Longest text that is read. A file of a thousand nodes, each with its own key, has two million characters. */
const maxCharacters = 3_000_000;
/** Deepest nesting that is read; nothing in a cluster.yml comes near it. */
export const maxDepth = 64;

/** Most parts that are looked at, counting each part as often as aliases repeat it. */
export const maxParts = 200_000;
export const tooManyParts = `The file has more than ${maxParts} parts, counting what its aliases repeat`;

// A map takes two events and each of its keys one more.
const maxEvents = 3 * maxParts;

/** Reads the first document of a YAML text, as RKE does, into a tree that remembers where everything stands. */
export function yamlTree(text: string): YamlText {
  if (text.length > maxCharacters) {
    const reason = `The file has ${text.length} characters: at most ${maxCharacters} are read`;
    return { ok: false, finding: { at: 0, reason } };
  }
  const unreadable = unreadableCharacter(text);
  if (unreadable !== undefined) return { ok: false, finding: unreadable };

  const { source, moreDocumentsAt } = firstDocument(text);
  try {
    const events = parseEvents(source, { maxDepth });
    if (events.length > maxEvents) return { ok: false, finding: { at: 0, reason: tooManyParts } };
    const root = treeOf(events, source);
    return { ok: true, root, moreDocumentsAt };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const at = Math.min(error.mark?.position ?? 0, source.length);
    return { ok: false, finding: syntaxFinding(error.reason, { source, at, maxDepth }) };
  }
}

interface Open {
  readonly event: Event;
  readonly children: YamlNode[];
  readonly close: () => YamlNode | undefined;
}

function treeOf(events: readonly Event[], source: string): YamlNode | undefined {
  const anchors = new Map<string, YamlNode>();
  const open: Open[] = [];
  let root: YamlNode | undefined;
  let last = 0;

  const range = (start: number, end: number) => (start < 0 ? undefined : source.slice(start, end));
  const add = (node: YamlNode) => {
    const parent = open.at(-1);
    if (parent === undefined || parent.event.type === EVENT_ID.DOCUMENT) root ??= node;
    else parent.children.push(node);
  };
  const name = (event: { anchorStart: number; anchorEnd: number }, node: YamlNode) => {
    const anchor = range(event.anchorStart, event.anchorEnd);
    if (anchor !== undefined) anchors.set(anchor, node);
  };

  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        open.push({ event, children: [], close: () => undefined });
        break;
      case EVENT_ID.SEQUENCE: {
        const items: YamlNode[] = [];
        const node: YamlList = { kind: "list", at: event.start, items, tag: range(event.tagStart, event.tagEnd) };
        name(event, node);
        open.push({ event, children: items, close: () => node });
        last = event.start;
        break;
      }
      case EVENT_ID.MAPPING: {
        const entries: YamlEntry[] = [];
        const node: YamlMap = { kind: "map", at: event.start, entries, tag: range(event.tagStart, event.tagEnd) };
        name(event, node);
        const children: YamlNode[] = [];
        open.push({
          event,
          children,
          close: () => {
            for (const entry of paired(children)) entries.push(entry);
            return node;
          },
        });
        last = event.start;
        break;
      }
      case EVENT_ID.SCALAR: {
        const isPlain = event.style === SCALAR_STYLE.PLAIN;
        const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
        const at = event.valueStart < 0 ? last : event.valueStart - (isQuoted ? 1 : 0);
        const tag = range(event.tagStart, event.tagEnd);
        const text = getScalarValue(source, event);
        const node: YamlScalar = { kind: "scalar", at, text, plain: isPlain, tag };
        name(event, node);
        add(node);
        last = Math.max(at, event.valueEnd);
        break;
      }
      case EVENT_ID.ALIAS: {
        const alias = range(event.anchorStart, event.anchorEnd) ?? "";
        add({ kind: "alias", at: event.anchorStart - 1, name: alias, target: anchors.get(alias) });
        last = event.anchorEnd;
        break;
      }
      case EVENT_ID.POP: {
        const node = open.pop()?.close();
        if (node !== undefined) add(node);
        break;
      }
    }
  }
  return root;
}

function* paired(children: readonly YamlNode[]): Generator<YamlEntry> {
  for (let index = 0; index + 1 < children.length; index += 2) {
    const [key, value] = [children[index], children[index + 1]];
    if (key !== undefined && value !== undefined) yield { key, value };
  }
}
