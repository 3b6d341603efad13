import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { afterEach, describe, expect, it } from "vitest";

import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { anS3Server, type S3Server } from "../fleet/s3-server.ts";
import { loginOf, machineOf } from "./machines.ts";
import { aStack, type EngineStack } from "./stack.ts";

/** The compiled package, as a program finds it. */
const { EtcdBackup, RkeCluster } = createRequire(__filename)("pulumi-rke") as typeof import("../../sdk/index.ts");

let fleet: Fleet;
let s3: S3Server;
let stack: EngineStack;
let folder = "";
afterEach(async () => {
  await stack.close();
  await fleet.close();
  await s3.close();
  rmSync(folder, { recursive: true, force: true });
});

const passphrase = "correct horse battery staple";

interface Wanted {
  readonly version: string;
  readonly trigger: string;
}

/** A cluster on one machine, and a backup of it in a folder and in a bucket. */
function program({ version, trigger }: Wanted): PulumiFn {
  const [[accessKey = "", secretKey = ""] = []] = Object.entries(s3.keys);
  const roles = ["etcd", "controlplane", "worker"] as const;
  return async () => {
    const cluster = new RkeCluster("prod", {
      kubernetesVersion: version,
      nodes: [{ name: "box", ...machineOf(fleet, "node-1"), ...loginOf(fleet), roles }],
    });
    const backup = new EtcdBackup("nightly", {
      cluster,
      triggers: [trigger],
      retain: "delete",
      passphrase,
      storage: { folder, s3: { endpoint: s3.endpoint, bucketName: "backups", accessKey, secretKey } },
    });
    const { name, locations, sha256, clusterId } = backup;
    return { name, locations, sha256, clusterId };
  };
}

const before = { version: "v1.30.9-rancher1-1", trigger: "one" };

async function made(): Promise<void> {
  fleet = await aFleet({ nodes: 1 });
  s3 = await anS3Server({ buckets: ["backups"] });
  folder = mkdtempSync(join(tmpdir(), "pulumi-rke-engine-backup-"));
  stack = await aStack({ program: program(before) });
}

const archives = (): readonly string[] => readdirSync(folder).filter((name) => name.endsWith(".zip"));

describe("EtcdBackup on the engine", () => {
  it("stays as it is while the cluster changes, and takes another snapshot when a trigger does", async () => {
    await made();
    const first = await stack.up();

    stack.write(program({ ...before, version: "v1.31.4-rancher1-1" }));
    const preview = await stack.preview();
    const upgrade = await stack.up();
    const afterwards = await stack.preview();
    stack.write(program({ version: "v1.31.4-rancher1-1", trigger: "two" }));
    const another = await stack.preview();
    const taken = await stack.up();

    expect(first).toMatchObject({ failure: undefined });
    expect(preview).toMatchObject({ failure: undefined, changes: { prod: "update" } });
    expect(upgrade).toMatchObject({ failure: undefined, outputs: { name: first.outputs.name } });
    expect(afterwards).toMatchObject({ failure: undefined, changes: {} });
    expect(another.printed).toContain("takes another snapshot, because of triggers");
    expect(Object.keys(another.changes)).toEqual(["nightly"]);
    expect(taken.failure).toBeUndefined();
    expect(taken.outputs.name).not.toEqual(first.outputs.name);
    expect(archives()).toEqual([`${taken.outputs.name}.zip`]);
    expect([...s3.objects.keys()]).toEqual([`backups/${taken.outputs.name}.zip`]);
  });

  it("tells no secret, notices that a copy is gone, and takes away what is its own", async () => {
    await made();
    s3.put("backups/nightly-of-a-neighbour.zip", "of a neighbour");
    const up = await stack.up();
    s3.objects.delete(`backups/${up.outputs.name}.zip`);

    const refresh = await stack.refresh();
    const preview = await stack.preview();
    const restored = await stack.up();
    const told = [up, refresh, preview, restored].map(({ printed }) => printed).join("\n");
    const secrets = [passphrase, ...Object.values(s3.keys), "PRIVATE KEY"];
    const state = [told, stack.logs(), stack.state()].join("\n");
    for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);
    const destroy = await stack.destroy();

    expect(refresh).toMatchObject({ failure: undefined, changes: { nightly: "update" } });
    expect(preview).toMatchObject({ failure: undefined, changes: { nightly: "update" } });
    expect(restored).toMatchObject({ failure: undefined, outputs: { sha256: up.outputs.sha256 } });
    expect(secrets.filter((secret) => state.includes(secret))).toEqual([]);
    expect(destroy.failure).toBeUndefined();
    expect([...s3.objects.keys()]).toEqual(["backups/nightly-of-a-neighbour.zip"]);
    expect(archives()).toEqual([]);
  });
});
