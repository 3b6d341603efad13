import type { ContainerInfo, ContainerInspectInfo } from "dockerode";

import { comparableDigest, specHashLabel } from "../desired/container-spec.ts";
import { longRunning } from "../desired/long-running.ts";
import type { Docker } from "../hosts/docker.ts";
import { isRkes, nameOf } from "../steps/cluster-containers.ts";
import { type ContainerFact, containerFact, type FileFact } from "./facts.ts";

/** A container as a list shows it, and the id of the image it runs. */
export interface ListedContainer {
  readonly fact: ContainerFact;
  readonly imageId: string;
}

interface Options {
  readonly signal?: AbortSignal | undefined;
}

/** The containers of a machine that are RKE's or ours. */
export async function listContainers(docker: Docker, { signal }: Options): Promise<readonly ListedContainer[]> {
  const all = await docker.list({ signal });
  return all.filter(isRkes).map((listed) => ({ fact: factOf(listed), imageId: listed.ImageID }));
}

/**
 * Looks closer where the list does not tell enough: at what `rke` made, to say what it amounts to, and at containers
 * with files that are newer than they are, to say which came first.
 */
export async function lookCloser(
  docker: Docker,
  listed: readonly ListedContainer[],
  { files, signal }: Options & { files: Promise<readonly FileFact[]> },
): Promise<ContainerFact[]> {
  const images = imageConfigs(docker, { signal });
  const facts = listed.map(async ({ fact, imageId }): Promise<readonly ContainerFact[]> => {
    const isForeign = fact.specHash === undefined && longRunning.has(fact.name);
    if (!isForeign && !isOlderThan(await files, fact)) return [fact];
    const [inspected, image] = await Promise.all([
      docker.inspect(fact.name, { signal }),
      isForeign ? images(imageId) : undefined,
    ]);
    // It went away between the list and now.
    if (inspected === undefined) return [];
    const exact = withExactStart(fact, inspected);
    return [isForeign ? { ...exact, ...comparableOf(fact.name, inspected, image) } : exact];
  });
  return (await Promise.all(facts)).flat();
}

function factOf(listed: ContainerInfo): ContainerFact {
  const { Image, State, Status, Created, Labels } = listed;
  const state = containerFact.shape.state.catch("dead").parse(State);
  // `Exited (137) 2 hours ago`; the list has the number nowhere else.
  const exitCode = /^(?:Exited|Restarting) \((\d+)\)/.exec(Status)?.[1];
  const labels = Labels ?? {};
  const specHash = labels[specHashLabel];
  return {
    name: nameOf(listed),
    image: Image,
    state,
    ...(exitCode !== undefined && state !== "created" && state !== "running" && { exitCode: Number(exitCode) }),
    ...(state !== "created" && { startedAtMs: Created * 1000 }),
    ...(specHash !== undefined && { specHash }),
    labels,
  };
}

const isOlderThan = (files: readonly FileFact[], { startedAtMs }: ContainerFact): boolean =>
  startedAtMs !== undefined && files.some(({ writtenAtMs }) => writtenAtMs !== undefined && writtenAtMs > startedAtMs);

function withExactStart(fact: ContainerFact, { State }: ContainerInspectInfo): ContainerFact {
  const startedAtMs = Date.parse(State.StartedAt);
  // Docker writes the year 1 for one that never ran.
  return fact.startedAtMs === undefined || Number.isNaN(startedAtMs) || startedAtMs <= 0
    ? fact
    : { ...fact, startedAtMs };
}

interface ImageConfig {
  readonly Env?: readonly string[] | null | undefined;
  readonly Cmd?: readonly string[] | null | undefined;
  readonly Entrypoint?: string | readonly string[] | null | undefined;
}

/** Several containers run the same image; it is asked for once. */
function imageConfigs(docker: Docker, { signal }: Options): (id: string) => Promise<ImageConfig> {
  const asked = new Map<string, Promise<ImageConfig>>();
  return (id) => {
    const answer =
      asked.get(id) ?? docker.inspectImage(id, { signal }).then((image): ImageConfig => image?.Config ?? {});
    asked.set(id, answer);
    return answer;
  };
}

/**
 * What RKE compares, without what Docker has added: a container shows its own settings and its image's as one. A setting
 * that repeats the image's word for word is lost with it.
 */
function comparableOf(
  name: string,
  { Config, HostConfig }: ContainerInspectInfo,
  image: ImageConfig = {},
): Pick<ContainerFact, "image" | "comparable"> {
  const fromImage = new Set(image.Env ?? []);
  const comparable = comparableDigest({
    name,
    image: Config.Image,
    entrypoint: unlessSame(words(Config.Entrypoint), words(image.Entrypoint)),
    cmd: unlessSame(words(Config.Cmd), words(image.Cmd)),
    env: (Config.Env ?? []).filter((entry) => !fromImage.has(entry)),
    binds: HostConfig.Binds ?? [],
    // Docker adds this to privileged containers on SELinux machines.
    securityOpt: ((HostConfig.SecurityOpt as string[] | null | undefined) ?? []).filter(
      (option) => option !== "label=disable",
    ),
  });
  return { image: Config.Image, comparable };
}

const unlessSame = (own: readonly string[], images: readonly string[]): readonly string[] =>
  JSON.stringify(own) === JSON.stringify(images) ? [] : own;

const words = (value: string | readonly string[] | null | undefined): readonly string[] =>
  typeof value === "string" ? [value] : (value ?? []);
