import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import type { Manifest } from "../../provider/desired/addons/manifest.ts";
import { type AddonsPlan, planAddons } from "../../provider/desired/addons/plan-addons.ts";
import { configured } from "../support/planned.ts";
import { type Json, vector } from "../support/vectors.ts";
import { addonDifferences, mendedInputs } from "./differences.ts";

const folder = join(__dirname, "manifests");
const index: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(join(folder, "index.golden.json"), "utf8"),
);

/** RKE's name of an addon, and what we call it. */
const ourNames: Readonly<Record<string, readonly string[]>> = {
  "rke-network-plugin": ["canal", "calico", "flannel", "weave", "aci"],
  "rke-coredns-addon": ["coredns"],
  "rke-kube-dns-addon": ["kube-dns"],
  "rke-nodelocal-addon": ["nodelocal"],
  "rke-metrics-addon": ["metrics-server"],
  "rke-ingress-controller": ["ingress-nginx"],
  "rke-user-addon": ["user-addons"],
  "rke-user-includes-addons": ["included-addons"],
};

describe.each(Object.keys(index))("planAddons() of %s", (name) => {
  const plan = plannedAddons(name);
  const known = [...plan.deployed, ...plan.untouched].map((addon) => addon.name);

  it("has the addons that RKE deploys", () => {
    const theirs = Object.keys(index[name] ?? {}).map((addon) => known.find((own) => ourNames[addon]?.includes(own)));

    expect(theirs).toEqual(expect.arrayContaining(known));
    expect(theirs).not.toContain(undefined);
  });

  it.each(plan.deployed.map((addon) => addon.name))("has RKE's objects of %s", (addon) => {
    const objects = plan.deployed.find((one) => one.name === addon)?.objects ?? [];

    expect(comparable(objects)).toEqual(comparable(peersObjects(name, addon)));
  });
});

describe("planAddons() of releases whose manifests are not built", () => {
  it("leaves them alone, and builds all of those from Kubernetes 1.28 on", () => {
    const untouched = Object.keys(index).flatMap((name) => {
      const { release } = configured(textOf(name));
      const names = plannedAddons(name).untouched.filter((addon) => addon.name !== "included-addons");
      return names.length > 0 && release.known ? [release.minorNumber] : [];
    });

    expect(Math.max(...untouched)).toBeLessThan(25);
  });
});

function textOf(name: string): string {
  const { clusterYml } = vector(name);
  return mendedInputs[name]?.mend(clusterYml) ?? clusterYml;
}

function plannedAddons(name: string): AddonsPlan {
  const { config, release } = configured(textOf(name));
  return planAddons(config, release);
}

function peersObjects(name: string, addon: string): readonly Manifest[] {
  const theirs = Object.keys(ourNames).find((own) => ourNames[own]?.includes(addon)) ?? "";
  const text = readFileSync(join(folder, index[name]?.[theirs] ?? ""), "utf8");
  let objects: Json[] = text
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  for (const { adapt } of addonDifferences) objects = adapt(objects, { addon, vector: name });
  return objects;
}

/** Objects by what they are called, without the order of what has none, and JSON texts by what they say. */
function comparable(objects: readonly Json[]): Record<string, Json> {
  return Object.fromEntries(objects.map((object) => [keyOf(object), plain(imprint(object))]));
}

const keyOf = ({ kind, name, metadata }: Json): string =>
  `${kind} ${metadata?.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata?.name ?? name}`;

/** The definitions are compared by their digest: their text is not ours to keep twice. */
function imprint(object: Json): Json {
  if (object.kind !== "CustomResourceDefinition") return object;
  if (object.digest !== undefined) return object.digest;
  const { name, annotations } = object.metadata;
  const content = sorted({ name, annotations, spec: object.spec });
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
}

const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
};

/** Kubernetes merges these by a key, so that their order means nothing. */
const keyed = new Set(["volumes", "volumeMounts", "env", "tolerations", "matchExpressions", "ports"]);

function plain(value: Json, key = ""): Json {
  if (Array.isArray(value)) {
    const items = value.map((item) => plain(item));
    return keyed.has(key) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value === "string" && /^[[{]/.test(value)) return value.replace(/\s+/g, "");
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, plain(inner, name)]),
  );
}
