/** A timeline as trace viewers read it. */
export interface Trace {
  readonly traceEvents: readonly TraceEvent[];
}

type TraceEvent = Span | Name;

interface Span {
  readonly ph: "X";
  readonly name: string;
  /** Microseconds. */
  readonly ts: number;
  readonly dur: number;
  readonly pid: string;
  readonly tid: number;
}

/** Puts a word on a row, or brings the rows into an order. */
interface Name {
  readonly ph: "M";
  readonly name: "process_sort_index";
  readonly pid: string;
  readonly args: { readonly sort_index: number };
}

interface Timed {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/**
 * What the log files of runs say, as a timeline: what was timed, below it the phases, and below these a group of rows for
 * each machine with what was done there. What has begun and never ended is left out.
 */
export function traceOf(log: string, scenarios: Readonly<Record<string, Timed>>): Trace {
  const timed = Object.entries(scenarios).map(([name, { startedAtMs, endedAtMs }]) =>
    span({ name, pid: "run", fromMs: startedAtMs, toMs: endedAtMs }),
  );
  const told = log
    .split("\n")
    .flatMap(lineOf)
    .toSorted((a, b) => a.atMs - b.atMs);
  const spans = [...timed, ...spansOf(told)];
  const groups = [...new Set(spans.map(({ pid }) => pid))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return {
    traceEvents: [
      ...groups.map(
        (pid, index) => ({ ph: "M", name: "process_sort_index", pid, args: { sort_index: index } }) as const,
      ),
      ...inRows(spans),
    ],
  };
}

const rank = (pid: string): number => ["run", "phases", "cluster"].indexOf(pid) + (pid.startsWith("node") ? 100 : 0);

interface Line {
  readonly atMs: number;
  /** The cluster, and the machine if there is one. */
  readonly where: string;
  readonly text: string;
}

/** `2026-11-21T10:00:00.000Z lab  node1  run etcd (…): begins`. */
function lineOf(line: string): readonly Line[] {
  const [, time, rest] = /^(\S+Z) (.*)$/.exec(line) ?? [];
  if (time === undefined || rest === undefined) return [];
  const words = rest.split("  ");
  return [{ atMs: Date.parse(time), where: words.slice(1, -1).join(" "), text: words.at(-1) ?? "" }];
}

function spansOf(lines: readonly Line[]): readonly Span[] {
  const open = new Map<string, number[]>();
  const spans: Span[] = [];
  for (const { atMs, where, text } of lines) {
    const [, name = "", isPhase, isBegin] = /^(.*?)(?:( \(\d+\/\d+\))|(: begins))$/.exec(text) ?? [];
    const [, ended = "", outcome] = /^(.*): (changed|unchanged|failed|done), /.exec(text) ?? [];
    const pid = isPhase !== undefined || outcome === "done" ? "phases" : where === "" ? "cluster" : where;
    if (isPhase !== undefined || isBegin !== undefined) {
      const key = `${pid} ${name}`;
      open.set(key, [...(open.get(key) ?? []), atMs]);
    } else if (outcome !== undefined) {
      const fromMs = open.get(`${pid} ${ended}`)?.shift();
      if (fromMs !== undefined) spans.push(span({ name: ended, pid, fromMs, toMs: atMs }));
    }
  }
  return spans;
}

const span = ({ name, pid, fromMs, toMs }: { name: string; pid: string; fromMs: number; toMs: number }): Span => ({
  ph: "X",
  name,
  ts: fromMs * 1000,
  dur: Math.max(1, toMs - fromMs) * 1000,
  pid,
  tid: 0,
});

/** Viewers draw what overlaps in one row as if one were within the other; so each gets the first row that is free. */
function inRows(spans: readonly Span[]): readonly Span[] {
  const rows = new Map<string, number[]>();
  return spans
    .toSorted((a, b) => a.ts - b.ts)
    .map((one) => {
      const ends = rows.get(one.pid) ?? [];
      const free = ends.findIndex((end) => end <= one.ts);
      const tid = free === -1 ? ends.length : free;
      ends[tid] = one.ts + one.dur;
      rows.set(one.pid, ends);
      return { ...one, tid };
    });
}
