// Makes what the comparison of addons needs from a folder of vectors, and the definitions of Calico's resources:
//   node test/support/import-manifests.mjs <folder with a case per folder, and crds/>
// The same input gives the same bytes. What it writes is never edited by hand.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [source] = process.argv.slice(2);
if (source === undefined) throw new Error("Usage: node test/support/import-manifests.mjs <folder>");

const root = join(import.meta.dirname, "../..");
const golden = join(root, "test/golden/manifests");
const definitions = join(root, "provider/desired/addons/data/calico-crds.json");

const read = (...path) => JSON.parse(readFileSync(join(source, ...path), "utf8"));
const digest = (value) =>
  createHash("sha256")
    .update(JSON.stringify(canonical(value)))
    .digest("hex")
    .slice(0, 16);

function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, canonical(inner)]),
  );
}

/** A definition as an API server needs it: no descriptions, no status, no time of creation. */
function definition({ metadata: { name, annotations }, spec }) {
  return canonical({ name, annotations, spec: withoutDescriptions(spec) });
}

/** Below `properties` a description is a field like any other. */
function withoutDescriptions(value, areNames = false) {
  if (Array.isArray(value)) return value.map((item) => withoutDescriptions(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => areNames || key !== "description" || typeof inner !== "string")
      .map(([key, inner]) => [key, withoutDescriptions(inner, key === "properties")]),
  );
}

/** The oldest templates whose objects are compared; what is older has definitions that are not imported. */
const oldest = { canal: [3, 26], calico: [3, 26] };

function isImported(template) {
  const [, plugin, major, minor] = /^(\w+)-v(\d+)\.(\d+)/.exec(template ?? "") ?? [];
  const [least, second] = oldest[plugin] ?? [];
  return least !== undefined && (Number(major) > least || (Number(major) === least && Number(minor) >= second));
}

const templatesOf = (version) => read("kdm.json").versions[version]?.templates ?? {};

rmSync(golden, { recursive: true, force: true });
mkdirSync(golden, { recursive: true });
const index = {};
const sets = {};
const byDigest = {};
for (const name of readdirSync(source).sort()) {
  if (!existsSync(join(source, name, "manifests.json"))) continue;
  const { addonOrder, addons } = read(name, "manifests.json");
  const { kubernetesVersion } = read(name, "plan.json");
  const templates = templatesOf(kubernetesVersion);
  index[name] = {};
  for (const addon of addonOrder) {
    const objects = addons[addon].objects.map((object) => {
      if (object.$ref === undefined) return object;
      const crd = definition(read(object.$ref));
      const hash = digest(crd);
      byDigest[hash] = crd;
      return { kind: "CustomResourceDefinition", name: crd.name, digest: hash };
    });
    const text = `${objects.map((object) => JSON.stringify(object)).join("\n")}\n`;
    const file = `${addon}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}.ndjson`;
    writeFileSync(join(golden, file), text);
    index[name][addon] = file;
    for (const plugin of ["canal", "calico"]) {
      const crds = objects.filter(({ kind }) => kind === "CustomResourceDefinition");
      const isPlugin = objects.some(({ metadata }) => metadata?.name === `${plugin}-config`);
      const template = templates[plugin];
      if (isPlugin && isImported(template)) {
        sets[template] = Object.fromEntries(crds.map(({ name: crd, digest: hash }) => [crd, hash]));
      }
    }
  }
}
writeFileSync(join(golden, "index.golden.json"), `${JSON.stringify(index, undefined, 1)}\n`);

const used = new Set(Object.values(sets).flatMap((set) => Object.values(set)));
const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
const kept = sorted(Object.fromEntries(Object.entries(byDigest).filter(([hash]) => used.has(hash))));
const lines = Object.entries(kept).map(([hash, crd]) => `    ${JSON.stringify(hash)}: ${JSON.stringify(crd)}`);
writeFileSync(
  definitions,
  `{\n  "sets": ${JSON.stringify(sorted(sets))},\n  "definitions": {\n${lines.join(",\n")}\n  }\n}\n`,
);
