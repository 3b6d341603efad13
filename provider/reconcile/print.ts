import type { Step } from "../steps/step.ts";
import type { Lane, Phase, Runbook } from "./runbook.ts";

export interface PrintOptions {
  /** How a machine is called, by its address. */
  readonly nameOf?: (address: string) => string;
}

/** A runbook for people, from the same values that run. Machines that do the same share their lines. */
export function printRunbook(runbook: Runbook, { nameOf = (address) => address }: PrintOptions = {}): string {
  if (runbook.length === 0) return "Nothing to do\n";
  const phases = runbook.map(({ title, lanes, width }) => {
    return { title, width, lanes: lanes.map((lane) => sectionsOf(lane, nameOf)) };
  });
  const names = new Set(phases.flatMap(({ lanes }) => namesIn(lanes)));
  const steps = runbook.flatMap(({ lanes }) => lanes.flat()).length;
  const summary = `${plural(runbook.length, "phase")}, ${plural(steps, "step")}, ${plural(names.size, "node")}`;
  return `${summary}\n${phases.map(phaseText).join("")}`;
}

/** The steps of a lane that follow one another on the same machine. */
interface Section {
  /** Undefined for deeds on the cluster as a whole. */
  readonly name: string | undefined;
  readonly titles: readonly string[];
}

type PrintedPhase = Pick<Phase, "title" | "width"> & { readonly lanes: readonly (readonly Section[])[] };

function sectionsOf(lane: Lane, nameOf: (address: string) => string): readonly Section[] {
  const machines = new Set(lane.flatMap(({ node }) => node ?? []));
  const [only] = machines.size === 1 ? machines : [];
  const sections: { name: string | undefined; titles: string[] }[] = [];
  for (const step of lane) {
    const about = nodeNameIn(step);
    const name = nameIfAny(step.node ?? (about === undefined ? undefined : (only ?? about)), nameOf);
    const last = sections.at(-1);
    const title = about === undefined ? step.title : withoutName(step.title, about);
    if (last !== undefined && last.name === name) last.titles.push(title);
    else sections.push({ name, titles: [title] });
  }
  return sections;
}

const nameIfAny = (address: string | undefined, nameOf: (address: string) => string): string | undefined =>
  address === undefined ? undefined : nameOf(address);

/** The node whose object a step is about: such steps speak to the API, and belong to the machine all the same. */
function nodeNameIn({ kind, params }: Step): string | undefined {
  return aboutNodes.has(kind) && "name" in params && typeof params.name === "string" ? params.name : undefined;
}

const aboutNodes: ReadonlySet<string> = new Set([
  "cordon-node",
  "delete-kube-node",
  "drain-node",
  "sync-node-object",
  "uncordon-node",
  "wait-for-node-ready",
]);

/** What stands below the name of a machine need not repeat it, and then reads the same for all of them. */
const withoutName = (title: string, name: string): string =>
  ` ${title} `.replace(` the Node ${name} `, " its Node object ").replace(` ${name} `, " it ").trim();

function phaseText({ title, width, lanes }: PrintedPhase): string {
  const names = namesIn(lanes);
  const pace = lanes.length < 2 ? "" : `, ${paceOf(width, lanes.length)}`;
  const who = names.length === 0 ? "" : `: ${names.length === 1 ? names[0] : plural(names.length, "node")}${pace}`;
  const text = [...grouped(lanes)].map((group) => groupText(group, { isAlone: names.length < 2 })).join("");
  return `\n${title}${who}\n${text}`;
}

export const paceOf = (width: number, lanes: number): string => {
  if (width >= lanes) return "all at once";
  return width === 1 ? "one at a time" : `${width} at a time`;
};

const namesIn = (lanes: PrintedPhase["lanes"]): readonly string[] => [
  ...new Set(lanes.flatMap((lane) => lane.flatMap(({ name }) => name ?? []))),
];

/** Lanes with the same titles, in the order of the first of them. */
function grouped(lanes: PrintedPhase["lanes"]): Iterable<PrintedPhase["lanes"]> {
  const groups = new Map<string, (readonly Section[])[]>();
  for (const lane of lanes) {
    // A lane that goes from machine to machine is told as it is.
    const key = JSON.stringify(lane.length === 1 ? lane[0]?.titles : lane);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(lane);
  }
  return groups.values();
}

function groupText(group: PrintedPhase["lanes"], { isAlone }: { isAlone: boolean }): string {
  const [lane = []] = group;
  return lane
    .map(({ name, titles }) => {
      const names = lane.length === 1 ? namesIn(group) : [name].flatMap((one) => one ?? []);
      const indent = isAlone || names.length === 0 ? "  " : "    ";
      const heading = isAlone || names.length === 0 ? "" : `  ${listed(names)}\n`;
      return `${heading}${titles.map((title) => `${indent}${title}\n`).join("")}`;
    })
    .join("");
}

const listed = (names: readonly string[]): string =>
  names.length > 8 ? `${names[0]} … ${names.at(-1)} (${names.length} nodes)` : names.join(", ");

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
