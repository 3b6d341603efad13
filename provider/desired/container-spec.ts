import { createHash } from "node:crypto";

/** One container as Docker is asked to make it. What is absent is left to Docker and the image. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: readonly string[];
  readonly binds?: readonly string[];
  readonly volumesFrom?: readonly string[];
  readonly networkMode?: "host" | "none";
  readonly pidMode?: "host";
  readonly restartPolicy?: "always";
  readonly privileged?: boolean;
  readonly user?: string;
  readonly securityOpt?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** A long-running container of a node and what is known about it beside its spec. */
export interface PlannedContainer {
  readonly spec: ContainerSpec;
  /** Where the container answers when it is well; asked on the node itself. */
  readonly healthCheckUrl?: string;
  /** Whether credentials are configured for the registry of its image. */
  readonly usesRegistryCredentials: boolean;
  /** The sidekick is only created: it carries a volume, and nothing in it runs. */
  readonly starts: boolean;
}

/** The label by which RKE's containers are known. */
export const containerNameLabel = "io.rancher.rke.container.name";

/** The label that carries the hash of the spec a container was made from. */
export const specHashLabel = "pulumi-rke.spec";

/** A digest of all that Docker would be told. Two specs that make the same container have the same hash. */
export function specHash(spec: ContainerSpec): string {
  return digest(Object.fromEntries(specKeys(spec).map((key) => [key, comparablePart(spec, key)])));
}

/** The parts that RKE compares to tell whether a container is still the one that is wanted. */
export type ComparedParts = Pick<
  ContainerSpec,
  "name" | "image" | "entrypoint" | "cmd" | "env" | "binds" | "securityOpt"
>;

/** A digest of what RKE compares. Two containers with the same one are the same to RKE, or differ in an order only. */
export function comparableDigest({ name, image, entrypoint, cmd, env, binds, securityOpt }: ComparedParts): string {
  const set = (values: readonly string[] = []) => [...new Set(values)].sort();
  const isKept = keptBy(name);
  return digest({
    name,
    image,
    entrypoint: set(entrypoint?.filter(isKept).map(withSortedList)),
    cmd: set(cmd?.filter(isKept).map(withSortedList)),
    env: set(env?.map(withSortedList)),
    binds: set(binds),
    securityOpt: set(securityOpt),
  });
}

const digest = (parts: Readonly<Record<string, unknown>>): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);

/**
 * Flags that a member reads at its very first start only. They follow the list of members, and a member need not be
 * restarted because another one came or went.
 */
const bootstrapFlags: Readonly<Record<string, readonly string[]>> = {
  etcd: ["--initial-cluster=", "--initial-cluster-state="],
};

const keptBy =
  (container: string) =>
  (word: string): boolean =>
    !(bootstrapFlags[container] ?? []).some((flag) => word.startsWith(flag));

/**
 * Flags and variables that name machines, one after another. Whoever reads them asks them all, so that to write the same
 * machines in another order is no reason to restart anything. RKE's own order is that of the nodes in its file.
 */
const listsOfMachines: readonly string[] = ["--etcd-servers=", "CP_HOSTS="];

/** A word whose value is a list without meaning in its order, with that list sorted. */
function withSortedList(word: string): string {
  const name = listsOfMachines.find((one) => word.startsWith(one));
  return name === undefined ? word : `${name}${word.slice(name.length).split(",").sort().join(",")}`;
}

/** The parts in which two specs of a container differ: `cmd`, `env`, `image` and so on. */
export function differingParts(a: ContainerSpec, b: ContainerSpec): readonly (keyof ContainerSpec)[] {
  const text = (spec: ContainerSpec, key: keyof ContainerSpec) => JSON.stringify(comparablePart(spec, key));
  return specKeys({ ...a, ...b }).filter((key) => text(a, key) !== text(b, key));
}

const specKeys = (spec: ContainerSpec) => (Object.keys(spec) as (keyof ContainerSpec)[]).sort();

/** A part of a spec without the order that has no meaning. */
function comparablePart(spec: ContainerSpec, key: keyof ContainerSpec): unknown {
  const value = spec[key];
  if (Array.isArray(value)) {
    if (key === "cmd" || key === "entrypoint") {
      return programFirst(value.filter(keptBy(spec.name)).map(withSortedList));
    }
    return key === "env" ? value.map(withSortedList).sort(byName) : value.toSorted();
  }
  if (typeof value === "object" && value !== null) return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return value;
}

/** What stands before the first flag is the program and its subcommands. Only flags may come in any order. */
function programFirst(words: readonly string[]): readonly string[] {
  const firstFlag = words.findIndex((word) => word.startsWith("--"));
  if (firstFlag === -1 || words.slice(firstFlag).some((word) => !word.startsWith("--"))) return words;
  return [...words.slice(0, firstFlag), ...words.slice(firstFlag).toSorted(byName)];
}

/** Orders `name=value`s. Of a flag or variable that is given twice the last counts, or the first: they keep their order. */
function byName(a: string, b: string): number {
  const [nameA, nameB] = [nameIn(a), nameIn(b)];
  return nameA < nameB ? -1 : Number(nameA > nameB);
}

function nameIn(word: string): string {
  const end = word.indexOf("=");
  return end === -1 ? word : word.slice(0, end);
}
