import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { anS3Server } from "../fleet/s3-server.ts";
import { unplug } from "../runs/unlucky.ts";
import { aCloud } from "./cloud.ts";
import { clusterProgram, type Roles } from "./cluster-program.ts";
import { exampleProgram } from "./example.ts";
import { examples } from "./examples.ts";
import { machineOf } from "./machines.ts";
import { shown } from "./shown.ts";
import { aStack, type EngineStack } from "./stack.ts";

const all: Roles = ["etcd", "controlplane", "worker"];
const worker: Roles = ["worker"];

let fleet: Fleet;
let stack: EngineStack;
afterEach(async () => {
  await stack.close();
  await fleet.close();
});

/** The files that README.md and docs/ show: npm run docs takes them from here. */
const file = (name: string): string => join(__dirname, `../docs/shown/${name}.txt`);

describe("what is shown in README.md", () => {
  it("is the life of the example scale-and-upgrade", async () => {
    fleet = await aFleet({ nodes: 4 });
    const example = examples.find(({ name }) => name === "scale-and-upgrade");
    const [cloud, s3] = [await aCloud(fleet), await anS3Server()];
    const config = example?.config(fleet, { cloud, s3 }) ?? {};
    await Promise.all([cloud.close(), s3.close()]);
    stack = await aStack({ program: exampleProgram("scale-and-upgrade"), config });
    const [web1, web2, web3] = ["node-2", "node-3", "node-4"].map((name) => machineOf(fleet, name));

    const create = await stack.preview();
    await stack.up();
    await stack.set({ workers: { "web-1": web1, "web-2": web2, "web-3": web3 } });
    const scale = await stack.preview();
    await stack.set({ workers: { "web-1": web1, "web-2": web2 }, kubernetesVersion: "v1.31.4-rancher1-1" });
    const upgrade = await stack.preview();
    await stack.set({ workers: { "web-1": web1 }, kubernetesVersion: "v1.30.9-rancher1-1" });
    const remove = await stack.preview();

    await expect(shown(create)).toMatchFileSnapshot(file("preview-create"));
    await expect(shown(scale)).toMatchFileSnapshot(file("preview-scale"));
    await expect(shown(upgrade)).toMatchFileSnapshot(file("preview-upgrade"));
    await expect(shown(remove)).toMatchFileSnapshot(file("preview-remove"));
  });
});

describe("what is shown in docs/when-it-fails.md", () => {
  it("is how a machine that will not come back is taken out", async () => {
    fleet = await aFleet({ nodes: 3 });
    const nodes = { "node-1": all, "node-2": worker, "node-3": worker };
    stack = await aStack({ program: clusterProgram(fleet, { nodes }) });
    await stack.up();
    unplug(fleet, "node-3");

    const refresh = await stack.refresh();
    stack.write(clusterProgram(fleet, { nodes: { "node-1": all, "node-2": worker } }));
    const up = await stack.up();

    expect(refresh.failure).toBeUndefined();
    expect(up.failure).toBeUndefined();
    await expect(shown(refresh)).toMatchFileSnapshot(file("dead-refresh"));
    await expect(shown(up)).toMatchFileSnapshot(file("dead-removed"));
  });

  it.runIf(process.platform === "linux")("is what Pulumi says after it was killed", async () => {
    fleet = await aFleet({ nodes: 2 });
    stack = await aStack({ program: clusterProgram(fleet, { nodes: { "node-1": all, "node-2": worker } }) });
    const stopListening = fleet.journal.onEvent(({ kind }) => {
      if (kind !== "api server ready") return;
      stopListening();
      stack.kill();
    });

    await stack.up();
    const locked = await stack.up();
    await stack.unlock();
    const again = await stack.up();

    expect(again.failure).toBeUndefined();
    await expect(shown(locked)).toMatchFileSnapshot(file("killed-locked"));
    await expect(
      shown(again, { only: /^ *warning: Attempting|interrupted while creating|resuming/ }),
    ).toMatchFileSnapshot(file("killed-again"));
  });

  it("is what Pulumi says after Ctrl-C", async () => {
    fleet = await aFleet({ nodes: 2 });
    stack = await aStack({ program: clusterProgram(fleet, { nodes: { "node-1": all, "node-2": worker } }) });
    const ctrlC = new AbortController();
    const stopListening = fleet.journal.onEvent(({ kind }) => {
      if (kind === "api server ready") ctrlC.abort();
    });

    const interrupted = await stack.up({ signal: ctrlC.signal });
    stopListening();
    const again = await stack.up();

    expect(again.failure).toBeUndefined();
    await expect(shown(interrupted, { only: /cancel/ })).toMatchFileSnapshot(file("interrupted"));
  });
});
