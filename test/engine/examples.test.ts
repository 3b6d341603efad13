import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { aFleet } from "../fleet/fleet.ts";
import { leftOn } from "../fleet/left-on.ts";
import { anS3Server } from "../fleet/s3-server.ts";
import { aCloud } from "./cloud.ts";
import { exampleProgram } from "./example.ts";
import { examples, examplesOfStacks } from "./examples.ts";
import { aStack } from "./stack.ts";

describe("examples", () => {
  it("are all run here", () => {
    const folders = readdirSync(join(__dirname, "../../examples"), { withFileTypes: true });

    const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);

    expect(names.sort()).toEqual([...examples.map(({ name }) => name), ...examplesOfStacks].sort());
  });

  const titled = examples.map((example) => {
    const { name, standIn } = example;
    return { ...example, title: standIn === undefined ? name : `${name}, with a stand-in for ${standIn}` };
  });

  const title = "$title: is previewed, made, found unchanged, left alone and taken away";
  it.for(titled)(title, async (example, { onTestFinished }) => {
    const fleet = await aFleet({ nodes: example.machines });
    onTestFinished(() => fleet.close());
    const cloud = await aCloud(fleet);
    onTestFinished(() => cloud.close());
    const s3 = await anS3Server({ buckets: ["backups"] });
    onTestFinished(() => s3.close());
    const stack = await aStack({ program: exampleProgram(example.name), config: example.config(fleet, { cloud, s3 }) });
    onTestFinished(() => stack.close());

    const preview = await stack.preview();
    const up = await stack.up();
    const refresh = await stack.refresh();
    const again = await stack.preview();
    for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);
    const destroy = await stack.destroy();

    expect(preview).toMatchObject({ failure: undefined });
    expect(up).toMatchObject({ failure: undefined, changes: preview.changes });
    expect(up.outputs).toMatchObject({ kubeconfig: expect.stringContaining("client-certificate-data") });
    expect(refresh).toMatchObject({ failure: undefined, changes: {} });
    expect(again).toMatchObject({ failure: undefined, changes: {} });
    expect(destroy).toMatchObject({ failure: undefined });
    expect(leftOn(fleet)).toEqual([]);
    fleet.invariants.assertHeld();
  });
});
