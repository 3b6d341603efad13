import type { Path } from "../finding.ts";
import { quoted } from "../quoted.ts";
import { unknownValue } from "../unknowns.ts";
import { unusableText } from "./characters.ts";
import { booleanOf, isNull, numberOf } from "./scalars.ts";
import {
  maxDepth,
  maxParts,
  tooManyParts,
  type YamlList,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from "./tree.ts";

export type Resolved = YamlScalar | YamlList | YamlMap;

interface Entry {
  readonly key: string;
  /** Offset of the key. */
  readonly at: number;
  readonly value: YamlNode;
}

export interface WalkFinding {
  readonly path: Path;
  readonly yaml: Path;
  readonly at: number;
  readonly reason: string;
}

interface Place {
  readonly path: Path;
  readonly yaml: Path;
}

/** Most findings that are reported; more help nobody. */
const maxFindings = 100;

/** Ends a walk that has met one of its limits. The finding is recorded already. */
export class WalkLimit extends Error {}

/** One pass over a YAML tree: follows aliases and merges within limits, and collects what is wrong and where things are. */
export class Walk {
  readonly failures: WalkFinding[] = [];
  readonly unknownKeys: WalkFinding[] = [];
  readonly #offsets = new Map<string, number>();
  readonly #lineOf: (at: number) => number;
  readonly #open = new Set<YamlNode>();
  readonly #reported = new Set<string>();
  #parts = 0;

  constructor(lineOf: (at: number) => number) {
    this.#lineOf = lineOf;
  }

  /** Notes a failure and answers what stands for the value. */
  fail(at: number, place: Place, reason: string): string {
    if (this.#isNew(at, reason)) this.failures.push({ path: place.path, yaml: place.yaml, at, reason });
    if (this.failures.length >= maxFindings) throw new WalkLimit();
    return unknownValue;
  }

  unknownKey(entry: Entry, place: Place, reason: () => string): void {
    if (this.unknownKeys.length >= maxFindings || !this.#isNew(entry.at, "unknown key")) return;
    this.unknownKeys.push({
      path: [...place.path, entry.key],
      yaml: [...place.yaml, entry.key],
      at: entry.at,
      reason: reason(),
    });
  }

  /** A part that aliases repeat is reported where it is met first. */
  #isNew(at: number, reason: string): boolean {
    const seen = this.#reported.size;
    return this.#reported.add(`${at} ${reason}`).size > seen;
  }

  remember(path: Path, at: number): void {
    this.#offsets.set(path.join("\0"), at);
  }

  offset(path: Path): number | undefined {
    return this.#offsets.get(path.join("\0"));
  }

  /** The part that a node stands for; undefined, with a failure noted, when there is none or its tag is not supported. */
  resolve(node: YamlNode, place: Place): Resolved | undefined {
    let target = node;
    for (let hops = 0; target.kind === "alias"; hops++) {
      if (target.target === undefined) {
        const reason = `The alias ${quoted(`*${target.name}`)} refers to nothing: no value above is named ${quoted(`&${target.name}`)}`;
        this.fail(target.at, place, reason);
        return undefined;
      }
      if (hops > maxDepth) return this.#contained(node, place);
      target = target.target;
    }
    if (this.#open.has(target)) return this.#contained(node, place);
    return this.#tagged(target, place);
  }

  /** Reads a part while it counts as open, so that it cannot contain itself. */
  within<T>(node: Resolved, place: Place, reading: () => T): T {
    if (++this.#parts > maxParts) {
      this.fail(node.at, place, tooManyParts);
      throw new WalkLimit();
    }
    if (node.kind === "scalar") return reading();
    if (this.#open.size >= maxDepth) {
      this.fail(node.at, place, `The file is nested more than ${maxDepth} levels deep`);
      throw new WalkLimit();
    }
    this.#open.add(node);
    try {
      return reading();
    } finally {
      this.#open.delete(node);
    }
  }

  /** The entries of a map with those it merges in (`<<`); its own win, then those merged first. */
  entries(map: YamlMap, place: Place, options: { readonly jsonKeys?: boolean } = {}): readonly Entry[] {
    const own = new Map<string, Entry>();
    const merged: YamlNode[] = [];
    for (const { key, value } of map.entries) {
      if (key.kind === "scalar" && key.plain && key.text === "<<") {
        merged.push(value);
        continue;
      }
      const name = this.#keyName(key, place, options.jsonKeys === true);
      if (name === undefined) continue;
      const before = own.get(name);
      if (before !== undefined) {
        const [first, second] = [this.#lineOf(before.at), this.#lineOf(key.at)];
        const lines = first === second ? `twice in line ${first}` : `in line ${first} and in line ${second}`;
        const below = { path: [...place.path, name], yaml: [...place.yaml, name] };
        this.fail(key.at, below, `The key ${quoted(name)} stands ${lines}: keep one of them`);
        continue;
      }
      own.set(name, { key: name, at: key.at, value });
    }
    for (const source of merged) {
      for (const entry of this.#mergedIn(source, place, options)) if (!own.has(entry.key)) own.set(entry.key, entry);
    }
    return [...own.values()];
  }

  #mergedIn(source: YamlNode, place: Place, options: { readonly jsonKeys?: boolean }): readonly Entry[] {
    const resolved = this.resolve(source, place);
    if (resolved === undefined) return [];
    if (resolved.kind === "scalar") {
      this.fail(source.at, place, 'A merge ("<<") needs a map, or a list of maps');
      return [];
    }
    return this.within(resolved, place, () => {
      if (resolved.kind === "map") {
        this.#parts += resolved.entries.length;
        return this.entries(resolved, place, options);
      }
      return resolved.items.flatMap((item) => this.#mergedIn(item, place, options));
    });
  }

  #keyName(key: YamlNode, place: Place, jsonKeys: boolean): string | undefined {
    const resolved = this.resolve(key, place);
    if (resolved === undefined) return undefined;
    const refuse = (reason: string) => {
      this.fail(key.at, place, reason);
      return undefined;
    };
    if (resolved.kind !== "scalar") return refuse(`A key must be a text, a ${resolved.kind} was found`);
    if (isNull(resolved)) return refuse(`A key must be a text, ${resolved.text || "nothing"} was found: quote the key`);
    if (resolved.text === "__proto__") return refuse('The key "__proto__" cannot be used');
    const unusable = unusableText(resolved.text);
    if (unusable !== undefined) return refuse(unusable);
    const json = jsonKeys ? (booleanOf(resolved) ?? numberOf(resolved)) : undefined;
    return json === undefined ? resolved.text : String(json);
  }

  #tagged(node: Resolved, place: Place): Resolved | undefined {
    if (node.tag === undefined) return node;
    const tag = node.tag.replace(/^!<tag:yaml\.org,2002:(.*)>$/, "!!$1");
    if (node.kind === "scalar" && textTags.has(tag)) return { ...node, plain: false, tag: undefined };
    if (node.kind === "scalar" && plainTags.has(tag)) return { ...node, plain: true, tag: undefined };
    if (tag === collectionTags[node.kind]) return node;
    this.fail(node.at, place, `The tag ${quoted(node.tag)} is not supported here: remove it`);
    return undefined;
  }

  #contained(node: YamlNode, place: Place): undefined {
    this.fail(node.at, place, `The alias ${quoted(node.kind === "alias" ? `*${node.name}` : "")} contains itself`);
    return undefined;
  }
}

const textTags: ReadonlySet<string> = new Set(["!!str", "!", "!!timestamp"]);
const plainTags: ReadonlySet<string> = new Set(["!!int", "!!float", "!!bool", "!!null"]);
const collectionTags: Readonly<Record<YamlNode["kind"], string | undefined>> = {
  scalar: undefined,
  alias: undefined,
  list: "!!seq",
  map: "!!map",
};
