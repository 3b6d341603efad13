import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

import { version } from "../../package.json";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { clusterOn, clusterProgram, type NodeInputs, type Roles } from "./cluster-program.ts";
import { aStack, type EngineStack } from "./stack.ts";

/**
 * States of stacks, each called after the version of this package that has written it. Their keys are those of machines
 * that never were, and encrypted. `KEEP_STATE=1` writes the one of this version: once, before it is released.
 */
const folder = join(__dirname, "states");
const nodes: Readonly<Record<string, Roles>> = { "node-1": ["etcd", "controlplane", "worker"], "node-2": ["worker"] };

let fleet: Fleet | undefined;
let stack: EngineStack;
afterEach(async () => {
  await stack.close();
  await fleet?.close();
});

describe("a state that an earlier version has written", () => {
  it.runIf(process.env.KEEP_STATE)("is kept", async () => {
    fleet = await aFleet({ nodes: 2 });
    stack = await aStack({ program: clusterProgram(fleet, { nodes }), isOrdinary: true });

    const up = await stack.up();

    expect(up.failure).toBeUndefined();
    writeFileSync(join(folder, `${version}.golden.json`), stack.stateFile());
  });

  it.each(readdirSync(folder))("%s: the same program changes nothing", async (file) => {
    stack = await aStack({ program: async () => undefined, isOrdinary: true });
    await stack.take(readFileSync(join(folder, file), "utf8"));
    const resources = await stack.inputs<NodeInputs>("pulumi-nodejs:dynamic/rke:RkeNode");
    stack.write(clusterOn(resources));

    const preview = await stack.preview();

    expect(Object.keys(resources).sort()).toEqual(Object.keys(nodes));
    expect(preview).toMatchObject({ failure: undefined, changes: {} });
  });

  it("is there for this version", () => {
    expect(existsSync(join(folder, `${version}.golden.json`))).toBe(true);
  });
});
