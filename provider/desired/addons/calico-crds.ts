import { RkeError } from "../../errors.ts";
import data from "./data/calico-crds.json";
import { type Labels, type Manifest, manifest } from "./manifest.ts";

interface Definition {
  readonly name: string;
  readonly annotations?: Labels;
  readonly spec: object;
}

const sets: Readonly<Record<string, Readonly<Record<string, string>>>> = data.sets;
const definitions = data.definitions as unknown as Readonly<Record<string, Definition>>;

/** The resources that Calico defines, in the form that goes with a manifest of Canal or Calico. */
export function calicoCrds(template: string): readonly Manifest[] {
  return Object.values(setFor(template)).map((digest) => {
    const definition = definitions[digest];
    if (definition === undefined) throw missing(template);
    const { name, annotations, spec } = definition;
    return manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition", { name, annotations }, { spec });
  });
}

/** That of the manifest itself, of the other plugin with the same Calico, or of the last Calico before. */
function setFor(template: string): Readonly<Record<string, string>> {
  const own = sets[template];
  if (own !== undefined) return own;
  const known = Object.keys(sets).toSorted((a, b) => order(a) - order(b));
  const before = known.filter((name) => order(name) <= order(template)).at(-1) ?? known[0];
  const set = before === undefined ? undefined : sets[before];
  if (set === undefined) throw missing(template);
  return set;
}

/** `canal-v3.27.4` as a number to compare: 3027004. */
function order(template: string): number {
  const [, major = 0, minor = 0, patch = 0] = /-v(\d+)\.(\d+)\.(\d+)/.exec(template) ?? [];
  return Number(major) * 1_000_000 + Number(minor) * 1000 + Number(patch);
}

const missing = (template: string): RkeError =>
  new RkeError("internal", { doing: "find the resources that Calico defines", because: `none go with ${template}` });
