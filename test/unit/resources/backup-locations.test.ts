import { describe, expect, it } from "vitest";

import type { BackupArguments } from "../../../provider/resources/backup-inputs.ts";
import {
  keyOf,
  nodeLocation,
  outerLocations,
  placeOf,
  planCopies,
} from "../../../provider/resources/backup-locations.ts";

const file = { name: "prod", sizeBytes: 100 };
const machine = (name: string) => ({
  name,
  address: `10.0.0.${name}`,
  internalAddress: "",
  hostnameOverride: name,
  prefixPath: "/",
});
const access = { nodes: [machine("1"), machine("2")] };
const onNode = (name: string) => nodeLocation(machine(name), file);
const inFolder = { kind: "folder", path: "backups/prod.zip", sizeBytes: 100 } as const;

const wanted = (storage: BackupArguments["storage"]): BackupArguments => ({ storage, state: "none" });

/** A snapshot of which all copies are there that should be, but for those that are missing. */
const stored = (locations: readonly ReturnType<typeof onNode>[], missing: typeof locations = []) => ({
  ...file,
  locations,
  expected: [...locations, ...missing].map(keyOf),
});

describe("outerLocations()", () => {
  it.each([
    ["in the folder of the bucket", "rke/prod/", "rke/prod/prod.zip"],
    ["with a slash in front", "/rke", "rke/prod.zip"],
    ["at the top", "", "prod.zip"],
  ])("has the key of S3 %s", (_, folder, key) => {
    expect(outerLocations(wanted({ s3: { bucketName: "b", folder } }), file)).toMatchObject([{ kind: "s3", key }]);
  });

  it("says in words where a copy is", () => {
    const s3 = { bucketName: "b", endpoint: "minio.example.com" };
    const places = [...outerLocations(wanted({ folder: "/backups", s3 }), file), onNode("1")].map(placeOf);

    expect(places).toEqual([
      "/backups/prod.zip",
      "s3://b/prod.zip at minio.example.com",
      "/opt/rke/etcd-snapshots/prod.zip on 1 (10.0.0.1)",
    ]);
  });
});

describe("planCopies()", () => {
  it("has nothing to do when all copies are there", () => {
    const state = stored([inFolder, onNode("1"), onNode("2")]);

    const plan = planCopies(state, { args: wanted({ folder: "backups", nodes: true }), access });

    expect(plan).toMatchObject({ leaving: [], missing: [] });
  });

  it("brings a copy back that has gone missing", () => {
    const state = stored([inFolder], [onNode("1")]);

    const plan = planCopies(state, { args: wanted({ folder: "backups", nodes: true }), access });

    expect(plan.missing).toEqual([onNode("1")]);
  });

  it("stores it on all machines when they are a new place", () => {
    const plan = planCopies(stored([inFolder]), { args: wanted({ folder: "backups", nodes: true }), access });

    expect(plan.missing).toEqual([onNode("1"), onNode("2")]);
  });

  it("does not give an old snapshot to a machine that has joined etcd since, nor wait for one that has left", () => {
    const state = stored([onNode("1")], [onNode("3")]);

    expect(planCopies(state, { args: wanted({ nodes: true }), access }).missing).toEqual([]);
  });

  it("lets go what lies in places that are not wanted any more", () => {
    const state = stored([inFolder, onNode("1")]);

    const plan = planCopies(state, { args: wanted({ folder: "elsewhere" }), access });

    expect(plan.leaving).toEqual([inFolder, onNode("1")]);
    expect(plan.missing).toMatchObject([{ kind: "folder", path: "elsewhere/prod.zip" }]);
  });

  it("knows the same machine under another name", () => {
    const renamed = { nodes: [{ ...machine("1"), name: "etcd-1" }] };

    expect(planCopies(stored([onNode("1")]), { args: wanted({ nodes: true }), access: renamed })).toMatchObject({
      leaving: [],
      missing: [],
    });
  });
});
