import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { RkeError } from "../../../provider/errors.ts";
import type { FormerNode, Runbook } from "../../../provider/reconcile/runbook.ts";
import { up } from "../../../provider/reconcile/up.ts";
import type { Step } from "../../../provider/steps/step.ts";
import { linesOf, type Roles } from "../../support/facts.ts";
import { runOn, stepCount } from "../../support/run-model.ts";
import { anyScenario, machinesBefore, type Scenario, type Staged, stage, wellScenario } from "./scenario.ts";
import { watch } from "./watch.ts";

const dice = fc.infiniteStream(fc.nat());

/** Which lane goes on: any. */
const chooser = (throws: fc.Stream<number>) => (lanes: number) => (throws.next().value ?? 0) % lanes;

/** The runbook, or undefined where it is refused because it would be unsafe. */
function upOrRefusal(staged: Staged): Runbook | undefined {
  try {
    return up(staged.look());
  } catch (error) {
    if (error instanceof RkeError && error.code === "unsafe" && /\d of \d/.test(error.message)) return undefined;
    if (error instanceof RkeError && error.message.includes("it is the last member")) return undefined;
    throw error;
  }
}

/** Plans and runs until the end, with a new look each time it is killed. */
function finish(staged: Staged, throws: fc.Stream<number>): Runbook | undefined {
  const runbook = upOrRefusal(staged);
  if (runbook === undefined) return undefined;
  const { cluster, desired } = staged;
  runOn(cluster, desired.plan, runbook)({ choose: chooser(throws), afterStep: watch(staged) });
  cluster.rest();
  return runbook;
}

/** More of them find more: `RUNS=2000 npx vitest run test/unit/reconcile`. */
const numRuns = Number(process.env.RUNS ?? 40);
const TIMEOUT_MS = 30_000 + numRuns * 200;

describe("up()", () => {
  it(
    "finds nothing more to do after what it has planned is done",
    () => {
      fc.assert(
        fc.property(anyScenario, dice, (scenario: Scenario, throws) => {
          const staged = stage(scenario);

          const runbook = finish(staged, throws);
          const again = runbook === undefined ? [] : up(staged.lookAfter());

          expect(linesOf(again)).toEqual([]);
        }),
        { numRuns },
      );
    },
    TIMEOUT_MS,
  );

  it(
    "never refuses to change a cluster of which all machines answer and work",
    () => {
      fc.assert(
        fc.property(wellScenario, (scenario: Scenario) => {
          const { look } = stage(scenario);

          expect(() => up(look())).not.toThrow();
        }),
        { numRuns },
      );
    },
    TIMEOUT_MS,
  );

  it(
    "comes to the same end when it is killed anywhere and run again",
    () => {
      fc.assert(
        fc.property(anyScenario, dice, fc.double({ min: 0, max: 1, noNaN: true }), (scenario, throws, part) => {
          const straight = stage(scenario);
          const killed = stage(scenario);
          const runbook = upOrRefusal(killed);
          if (runbook === undefined) return;

          finish(straight, throws);
          const killedAfter = Math.floor(part * stepCount(runbook));
          const options = { choose: chooser(throws), killedAfter, afterStep: watch(killed) };
          runOn(killed.cluster, killed.desired.plan, runbook)(options);
          const rest = finish(killed, throws);

          expect(rest).toBeDefined();
          expect(essenceOf(killed)).toEqual(essenceOf(straight));
          expect(linesOf(up(killed.lookAfter()))).toEqual([]);
        }),
        { numRuns },
      );
    },
    TIMEOUT_MS,
  );
});

describe("up() when the API servers move", () => {
  const master: Roles = ["etcd", "controlplane"];
  const worker: Roles = ["worker"];

  it.each<{ name: string; before: readonly Roles[]; changes: Scenario["changes"] }>([
    {
      name: "to a worker, from a node that keeps etcd",
      before: [master, worker, worker],
      changes: [
        { kind: "roles", at: 0, role: ["etcd"] },
        { kind: "roles", at: 1, role: ["controlplane"] },
      ],
    },
    {
      name: "to workers, from nodes that become workers",
      before: [["etcd"], ["controlplane"], ["controlplane"], worker, worker, worker],
      changes: [
        { kind: "roles", at: 1, role: worker },
        { kind: "roles", at: 2, role: worker },
        { kind: "roles", at: 3, role: ["controlplane"] },
      ],
    },
    {
      name: "to a machine that joins",
      before: [master, worker, worker],
      changes: [
        { kind: "roles", at: 0, role: ["etcd"] },
        { kind: "add", role: ["controlplane"] },
      ],
    },
  ])("leaves every proxy an API server to ask: $name", ({ before, changes }) => {
    const strategy = { maxUnavailableWorker: 1, drain: false };
    const staged = stage({ before, changes, start: "applied", mishaps: [], strategy });

    runOn(staged.cluster, staged.desired.plan, up(staged.look()))({ afterStep: watch(staged) });
    staged.cluster.rest();

    expect(linesOf(up(staged.lookAfter()))).toEqual([]);
  });
});

describe("up() for a node that does not answer", () => {
  it(
    "has no step on it, and the same steps for all others",
    () => {
      fc.assert(
        fc.property(wellScenario, fc.nat(), (scenario, at) => {
          const machines = machinesBefore(scenario);
          const staged = stage(scenario);
          const lost = staged.desired.config.nodes[at % staged.desired.config.nodes.length];
          // What a person takes a role from is meant, even where it cannot be reached.
          const formerly = machines.find(({ address }) => address === lost?.address);
          fc.pre(scenario.start !== "nothing" && formerly?.role.join() === lost?.role.join());
          fc.pre(formerly?.hostnameOverride === lost?.hostnameOverride);
          const before = linesBut(up(staged.look()), lost);

          staged.cluster.machine(lost?.address ?? "").answers = "not to us";
          fc.pre(staged.look().facts.kube !== undefined && staged.look().facts.etcd !== undefined);
          const runbook = upOrRefusal(staged);
          fc.pre(runbook !== undefined);

          expect(linesBut(runbook ?? [], lost)).toEqual(before);
          expect(linesAbout(runbook ?? [], lost)).toEqual([]);
        }),
        { numRuns },
      );
    },
    TIMEOUT_MS,
  );
});

type Lost = Pick<FormerNode, "address" | "hostnameOverride">;

const isAbout = ({ node, params }: Step, lost: Lost | undefined): boolean =>
  node === lost?.address || ("name" in params && params.name === lost?.hostnameOverride);

const linesAbout = (runbook: Runbook, lost: Lost | undefined): readonly string[] =>
  linesOf(filtered(runbook, (step) => isAbout(step, lost)));

/** The lines of a runbook that are not about a node. Which ports are tried, and who saves etcd, depends on who is there. */
const linesBut = (runbook: Runbook, lost: Lost | undefined): readonly string[] =>
  linesOf(filtered(runbook, (step) => !dependingOnOthers.has(step.kind) && !isAbout(step, lost))).toSorted();

const dependingOnOthers: ReadonlySet<string> = new Set(["check-ports", "save-etcd"]);

const filtered = (runbook: Runbook, isMeant: (step: Step) => boolean): Runbook =>
  runbook.map((phase) => ({ ...phase, lanes: phase.lanes.map((lane) => lane.filter(isMeant)) }));

/** What a cluster amounts to, without times and numbers that come by chance. */
function essenceOf({ lookAfter }: Staged): object {
  const { nodes, etcd, kube } = lookAfter().facts;
  return {
    nodes: Object.entries(nodes).map(([address, node]) => [
      address,
      node.status === "unreachable"
        ? node.status
        : {
            containers: node.containers
              .map(({ name, state, specHash, comparable }) => [name, state, specHash ?? comparable])
              .sort(),
            files: node.files.map(({ path, sha256 }) => `${path} ${sha256}`).sort(),
            leftovers: node.machine.leftovers,
          },
    ]),
    members: etcd?.members.map(({ peerUrls, isLearner, isHealthy }) => [peerUrls[0], isLearner, isHealthy]).sort(),
    kube: kube?.nodes.map(({ uid: _uid, ...node }) => node).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
