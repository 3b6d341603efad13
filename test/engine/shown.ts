import type { Run } from "./run.ts";

export interface ShownOptions {
  /** Which of the things that were said to show; all of them where it is not given. */
  readonly only?: RegExp;
}

/**
 * What a person sees of a run at the end, without what differs from one run to the next: one row for each resource that
 * changes, what was said, the planes, and the sums. Times, processes and ports are left out or made equal.
 */
export function shown({ printed }: Run, { only = /./ }: ShownOptions = {}): string {
  const lines = printed.split("\n").map(timeless);
  const parts = [refusalIn(lines), rowsOf(lines), saidIn(lines, only), planesIn(lines), sumsIn(lines)];
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n")}\n`;
}

const row = /^ (..) pulumi-nodejs:dynamic\/rke:(\w+) ([\w-]+) (.*)$/;
/** Behind it stands what was last shown of the progress, if the engine had the time. */
const outcome = /^(?:create|update|delete)d?\b(?! failed)(?: \[diff: [^\]]*\])?/;
const order = ["RkeIdentity", "RkeNode", "RkeCluster"];

/** The last that was said of each resource; a failure is told in full elsewhere. */
function rowsOf(lines: readonly string[]): readonly string[] {
  const rows = new Map<string, { readonly type: string; readonly text: string }>();
  for (const line of lines) {
    const [, sign = "", type = "", name = "", rest = ""] = row.exec(line) ?? [];
    if (name === "") continue;
    const what = outcome.exec(rest)?.[0] ?? rest.replace(/; error: .*/, "").trim();
    rows.set(`${type} ${name}`, { type, text: ` ${sign} ${type.padEnd(11)}  ${name.padEnd(13)}  ${what}`.trimEnd() });
  }
  // A sign that is gone at the end was that of looking: nothing changes.
  const changed = [...rows.entries()].filter(([, { text }]) => /^ ?[+~-]/.test(text));
  const sorted = changed.toSorted(
    ([one, { type }], [other, { type: otherType }]) =>
      order.indexOf(type) - order.indexOf(otherType) || (one < other ? -1 : 1),
  );
  return sorted.map(([, { text }]) => text);
}

/** The engine repeats at the end what was said during the run; there it is in order. */
function saidIn(lines: readonly string[], only: RegExp): readonly string[] {
  const start = lines.indexOf("Diagnostics:");
  if (start < 0) return [];
  const end = lines.findIndex((line, index) => index > start && /^(Outputs|Resources):/.test(line));
  const said = lines.slice(start + 1, end < 0 ? undefined : end);
  const kept = said.filter((line) => !/^ {2}\S/.test(line) && only.test(line)).map((line) => line.slice(4).trimEnd());
  // Of a choice, what the engine says comes first; which of both is quicker differs from run to run.
  const isOurs = (line: string) => /^[\w-]+ {2}/.test(line);
  return trimmed(only.source === "." ? kept : kept.toSorted((a, b) => Number(isOurs(a)) - Number(isOurs(b))));
}

/** The planes, where they change. */
function planesIn(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => /^ +[~+-] +planes *: \{$/.test(line));
  if (start < 0) return [];
  const end = lines.findIndex((line, index) => index > start && /^ {4}\}$/.test(line));
  return lines.slice(start, end + 1);
}

/** The engine has refused to begin; what follows names a file on this machine. */
const refusalIn = (lines: readonly string[]): readonly string[] =>
  lines.slice(0, 1).filter((line) => /^error:/.test(line));

function sumsIn(lines: readonly string[]): readonly string[] {
  const start = lines.indexOf("Resources:");
  return start < 0 ? [] : trimmed(lines.slice(start).filter((line) => !line.startsWith("Duration")));
}

function trimmed(lines: readonly string[]): readonly string[] {
  const text = lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .replace(/^\n+|\n+$/g, "");
  return text === "" ? [] : text.split("\n");
}

const timeless = (line: string): string =>
  line
    .replaceAll(/ \(\d[\d.]*s\)/g, "")
    .replaceAll(/, \d+\.\d s$/g, "")
    .replaceAll(/(node-(\d)) \(127\.0\.0\.1\)/g, "$1 (10.0.0.$2)")
    .replaceAll(/port \d{4,5}\b/g, "port 22")
    .replaceAll(/\bpid:? \d+/g, "pid 4711")
    .replaceAll(/[\w.-]+@[\w.-]+(, pid)/g, "anna@laptop$1")
    .replaceAll(/stopped after "[^"]*"/g, 'stopped after "…"')
    .replaceAll(/run [0-9a-f-]{32,36}/g, "run RUN")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
