import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";

import { lab } from "../../lab/machines.ts";
import type { Seen } from "../../lab/prober.ts";
import { floor } from "./floor.ts";
import { type Measured, measure } from "./measure.ts";
import { pulumiTool } from "./pulumi-tool.ts";
import { rkeTool } from "./rke-tool.ts";
import { scenarios, versions } from "./scenarios.ts";
import type { Tool } from "./tool.ts";
import { traceOf } from "./trace.ts";

export interface BenchOptions {
  /** Scenarios by name, with commas; without it all, and the floor. */
  readonly only?: string | undefined;
  /** Where to write what happened when, for chrome://tracing or ui.perfetto.dev. */
  readonly trace?: string | undefined;
}

/** Times clusters on the machines of the lab, through a real `pulumi up`, and puts the peer's figures beside them. */
export async function benchLab({ only, trace }: BenchOptions): Promise<object> {
  const names = only?.split(",") ?? ["floor", ...scenarios.map(({ name }) => name)];
  const chosen = scenarios.filter(({ name }) => names.includes(name));
  const most = chosen.some(({ from, to }) => Object.keys((to ?? from)?.nodes ?? {}).length > 3) ? 5 : 3;
  const [load = 0] = loadavg();
  prepare(most);
  const lowest = names.includes("floor") ? await floor(versions[0]) : undefined;
  const tool = await pulumiTool();
  const ours = await onFreshMachines(tool, chosen);
  if (trace !== undefined) {
    writeFileSync(trace, JSON.stringify(traceOf(tool.logs(), ours)));
    say(`The timeline is in ${trace}: open it with ui.perfetto.dev`);
  }
  await tool.close();
  const peer = await peerFigures(chosen);
  if (process.env.LAB_KEEP === undefined) lab("down");
  return {
    measured: new Date().toISOString().slice(0, 10),
    processors: cpus().length,
    /** Of this machine when it began. Above zero somebody else was at work. */
    load,
    ...(lowest && { floor: lowest }),
    seconds: mapped(ours, ({ seconds }) => seconds),
    nodesReady: mapped(ours, ({ readySeconds }) => readySeconds),
    peer,
    timesFaster: mapped(ours, ({ seconds }, name) => ratio(peer.seconds[name], seconds)),
    availability: mapped(ours, ({ seen }) => seen?.map(inShort)),
  };
}

function prepare(machines: number): void {
  for (const words of [["build"], ["up", String(machines)], ["reset"], ["pull", ...versions]]) {
    say(`lab ${words.join(" ")}`);
    lab(...words);
  }
}

async function onFreshMachines(tool: Tool, chosen: typeof scenarios): Promise<Readonly<Record<string, Measured>>> {
  lab("reset");
  return measure(tool, chosen, say);
}

/** The peer's seconds: measured now when its binary is at hand, else those that were written down. */
async function peerFigures(chosen: typeof scenarios): Promise<Peer> {
  const binary = process.env.RKE_BIN;
  if (binary === undefined) return JSON.parse(readFileSync(join(__dirname, "../peer.json"), "utf8")) as Peer;
  const tool = rkeTool(binary);
  const measured = await onFreshMachines(tool, chosen);
  await tool.close();
  return {
    tool: execFileSync(binary, ["--version"], { encoding: "utf8" }).trim(),
    measured: new Date().toISOString().slice(0, 10),
    seconds: mapped(measured, ({ seconds }) => seconds),
    nodesReady: mapped(measured, ({ readySeconds }) => readySeconds),
    availability: mapped(measured, ({ seen }) => seen?.map(inShort)),
  };
}

interface Peer {
  readonly tool: string;
  readonly measured: string;
  readonly seconds: Readonly<Record<string, number>>;
  readonly nodesReady?: Readonly<Record<string, number>>;
  readonly availability?: object;
}

const ratio = (peer: number | undefined, ours: number): number | undefined =>
  peer === undefined ? undefined : Math.round((peer / ours) * 10) / 10;

/** Why something failed is worth its words only where something did. */
const inShort = ({ failures, ...seen }: Seen): object => (failures.length === 0 ? seen : { ...seen, failures });

/** Leaves out what has no value. */
function mapped<T, U>(
  all: Readonly<Record<string, T>>,
  worthOf: (one: T, name: string) => U | undefined,
): Readonly<Record<string, U>> {
  const pairs = Object.entries(all).flatMap(([name, one]) => {
    const value = worthOf(one, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}

/** The one line of standard output is the result. */
const say = (text: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
