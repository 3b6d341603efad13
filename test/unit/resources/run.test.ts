import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

import { RkeError } from "../../../provider/errors.ts";
import { PartlyDone, type RunOptions, reasonsOf, withRun } from "../../../provider/resources/run.ts";
import { Secret } from "../../../provider/secrets.ts";
import { surroundings } from "./surroundings.ts";

const options: RunOptions = { subject: "prod", doing: "update the cluster", limitMs: 60_000 };

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function logFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-log-"));
  folders.push(folder);
  return folder;
}

describe("withRun()", () => {
  it("begins every line with the subject", async () => {
    const world = surroundings();

    await withRun(options, { surroundings: world }, async ({ say }) => say("one\ntwo"));

    expect(world.lines).toEqual(["prod  one", "prod  two"]);
  });

  it("prints no secret that it was told of", async () => {
    const world = surroundings();
    const secrets = [new Secret("hunter2")];

    await withRun({ ...options, secrets }, { surroundings: world }, async ({ emit }) =>
      emit({ kind: "notice", text: "the password is hunter2" }),
    );

    expect(world.lines).toEqual(["prod  the password is [redacted]"]);
  });

  it("writes all there is to say into a log, and names it when the run fails", async () => {
    const world = surroundings({ logFolder: logFolder() });

    const run = withRun(options, { surroundings: world }, async ({ emit, say }) => {
      say("hello");
      emit({ kind: "step-started", step: "run etcd" });
      throw new Error("no space is left");
    });

    await expect(run).rejects.toThrow("no space");
    const path = world.lines.at(-1)?.replace(/^prod {2}the log of this run: /, "") ?? "";
    const lines = readFileSync(path, "utf8").split("\n");
    expect(lines.map((line) => line.replace(/^\S+ /, ""))).toEqual([
      "prod  hello",
      "prod  run etcd: begins",
      "Error: no space is left",
      "",
    ]);
  });

  it("shows in the row of the resource how far it is", async () => {
    const shown: string[] = [];
    const rows = (urn: string) => (text: string) => void shown.push(`${urn}: ${text}`);

    await withRun({ ...options, urn: "urn:prod" }, { surroundings: surroundings({ rows }) }, async ({ emit }) =>
      emit({ kind: "phase-started", phase: "Etcd plane", index: 1, count: 2 }),
    );

    expect(shown).toEqual(["urn:prod: Etcd plane (1/2)", "urn:prod: done"]);
  });

  it("goes on without a log where none can be written", async () => {
    const world = surroundings({ logFolder: "/dev/null/nowhere" });

    await withRun(options, { surroundings: world }, async ({ say }) => say("hello"));

    expect(world.lines).toEqual(["prod  hello"]);
  });

  it("stops at its deadline and names what took too long", async () => {
    const work = withRun({ ...options, limitMs: 1 }, { surroundings: surroundings() }, ({ signal }) => ended(signal));

    await expect(work).rejects.toThrow("Cannot update the cluster: it took longer than");
  });

  it("stops when the process is interrupted", async () => {
    const work = withRun(options, { surroundings: surroundings() }, ({ signal }) => {
      process.emit("SIGINT");
      return ended(signal);
    });

    await expect(work).rejects.toThrow("Cannot update the cluster: the run was stopped");
  });

  it("leaves no listener behind", async () => {
    const before = process.listenerCount("SIGINT");

    await withRun(options, { surroundings: surroundings() }, async () => undefined);

    expect(process.listenerCount("SIGINT")).toBe(before);
  });

  it("knows that something was done once a step has started", async () => {
    const begun = await withRun(options, { surroundings: surroundings() }, async ({ emit, hasBegun }) => {
      const before = hasBegun();
      emit({ kind: "step-started", step: "run etcd" });
      return [before, hasBegun()];
    });

    expect(begun).toEqual([false, true]);
  });
});

describe("PartlyDone", () => {
  it("carries what Pulumi needs to delete the resource later", () => {
    const error = new PartlyDone(new Error("no"), { id: "a", state: { b: 1 }, inputs: { __provider: "text" } });

    expect(error).toMatchObject({ id: "a", properties: { b: 1, __provider: "text" }, reasons: ["Error: no"] });
  });
});

describe("reasonsOf()", () => {
  it("has one line for each node that failed", () => {
    const failed = (node: string) => new RkeError("etcd", { doing: "start etcd", node, because: "it ended" });

    expect(reasonsOf(new AggregateError([failed("a"), failed("b")]))).toEqual([
      "Cannot start etcd on a: it ended",
      "Cannot start etcd on b: it ended",
    ]);
  });
});

const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
