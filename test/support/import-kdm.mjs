// Makes provider/releases/data from the facts in kdm.json: node test/support/import-kdm.mjs <kdm.json>
// The same input gives the same bytes. What it writes is never edited by hand.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [source] = process.argv.slice(2);
if (source === undefined) throw new Error("Usage: node test/support/import-kdm.mjs <kdm.json>");

const target = join(import.meta.dirname, "../../provider/releases/data");
const kdm = JSON.parse(readFileSync(source, "utf8"));

const minorOf = (version) => version.split(".").slice(0, 2).join(".");
const byNumber = (a, b) => a.localeCompare(b, "en", { numeric: true });
const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** system_images.calico_flexvol is calicoFlexVol in a state file; all others follow the rule. */
const imageKey = (name) =>
  name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()).replace(/Flexvol$/, "FlexVol");

const imagesOf = (version) =>
  sorted(
    Object.fromEntries(
      Object.entries(kdm.versions[version].systemImages)
        .filter(([, image]) => image !== "")
        .map(([name, image]) => [imageKey(name), image]),
    ),
  );

/** What a version changed since the one before it; an image that went away becomes null. */
function changes(before, after) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => before[name] !== after[name]);
  return sorted(Object.fromEntries(changed.map((name) => [name, after[name] ?? null])));
}

function releasesOf(versions) {
  return versions.map((version, index) => {
    const before = index === 0 ? {} : imagesOf(versions[index - 1]);
    return { version, images: changes(before, imagesOf(version)) };
  });
}

const componentNames = {
  etcd: "etcd",
  kubeapi: "kubeApi",
  kubeController: "kubeController",
  kubelet: "kubelet",
  kubeproxy: "kubeProxy",
  scheduler: "scheduler",
};

const flagsOf = (options) =>
  sorted(
    Object.fromEntries(
      Object.entries(options)
        .filter(([, flags]) => flags !== null && Object.keys(flags).length > 0)
        .map(([name, flags]) => [componentNames[name], sorted(flags)]),
    ),
  );

/** The sets of one minor, each once, with the names (exact versions or the minor itself) it holds for. */
function optionSetsOf(minor, options) {
  const names = Object.keys(options).filter((name) => minorOf(name) === minor);
  const sets = new Map();
  for (const name of names.sort(byNumber)) {
    const flags = flagsOf(options[name]);
    const text = JSON.stringify(flags);
    sets.set(text, { for: [...(sets.get(text)?.for ?? []), name], flags });
  }
  return [...sets.values()];
}

function write(name, data) {
  writeFileSync(join(target, name), `${JSON.stringify(data, null, 1)}\n`);
}

const accepted = kdm.allVersions.filter((version) => kdm.versions[version].plan === "ok");
const minors = [...new Set(accepted.map(minorOf))].sort(byNumber);
const versionsOf = (minor) => accepted.filter((version) => minorOf(version) === minor);

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

for (const minor of minors) {
  write(`${minor}.json`, {
    dockerVersions: kdm.dockerVersions[minor.slice(1)] ?? [],
    releases: releasesOf(versionsOf(minor)),
    serviceOptions: {
      linux: optionSetsOf(minor, kdm.serviceOptions),
      windows: optionSetsOf(minor, kdm.windowsServiceOptions),
    },
  });
}

/** Everything that must come out again for each version, in a form that the tests can build from a Release. */
const resolved = accepted.map((version) => {
  const { serviceOptionsKey, windowsServiceOptionsKey, templates } = kdm.versions[version];
  return {
    version,
    images: imagesOf(version),
    templates: sorted(Object.fromEntries(Object.entries(templates).filter(([, key]) => key !== null))),
    dockerVersions: kdm.dockerVersions[minorOf(version).slice(1)] ?? [],
    linux: flagsOf(kdm.serviceOptions[serviceOptionsKey]),
    windows: windowsServiceOptionsKey === null ? null : flagsOf(kdm.windowsServiceOptions[windowsServiceOptionsKey]),
  };
});

const [, backupImageTag] = kdm.versions[kdm.defaultKubernetesVersion].systemImages.alpine.split(":");

write("index.json", {
  backupImageTag,
  currentVersions: kdm.currentVersions,
  defaultVersion: kdm.defaultKubernetesVersion,
  refusedVersions: kdm.allVersions.filter((version) => kdm.versions[version].plan !== "ok"),
  resolvedSha256: createHash("sha256").update(JSON.stringify(resolved)).digest("hex"),
  rkeVersion: kdm.rkeVersion,
  sourceSha256: kdm.dataSha256,
  templateRanges: sorted(
    Object.fromEntries(Object.entries(kdm.templateRanges).map(([addon, ranges]) => [addon, sorted(ranges)])),
  ),
  versions: Object.fromEntries(minors.map((minor) => [minor, versionsOf(minor)])),
});

// Literal paths, so that the compiler and bundlers see the files; one function per minor, so that only one is read.
writeFileSync(
  join(target, "minors.ts"),
  [
    "// Made by test/support/import-kdm.mjs.",
    'import type { MinorData } from "../schema.ts";',
    "",
    "export const minors: Readonly<Record<string, () => MinorData>> = {",
    ...minors.map((minor) => `  "${minor}": () => require("./${minor}.json") as typeof import("./${minor}.json"),`),
    "};",
    "",
  ].join("\n"),
);
