import type { ContainerInspectInfo } from "dockerode";

import { specHashLabel } from "../desired/container-spec.ts";
import type { NodeContainer } from "../desired/node-plan.ts";
import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import type { Docker } from "../hosts/docker.ts";
import { createOptions } from "./create-options.ts";
import { hasImage, pull } from "./image.ts";
import { lastWords } from "./last-words.ts";
import { defineStep } from "./step.ts";

export interface RunContainerParams {
  readonly node: string;
  readonly container: NodeContainer;
  /** Whether the machine had no such container when it was looked at. */
  readonly isNew?: boolean;
  /** How long the one that is replaced may take to end by itself. */
  readonly graceSeconds?: number;
}

/**
 * Brings one container to its spec. The hash of the spec is kept as a label, so "is it right?" is one comparison.
 *
 * A replacement is made beside the one that runs, which stands aside under the name `old-…`: what cannot be created costs
 * nothing, and the pause is as short as a stop and a start. Whatever a killed run has left is taken up where it stopped.
 */
export const runContainer = defineStep<RunContainerParams>("run-container", {
  title: ({ container: { spec, starts } }) => `${starts ? "run" : "create"} ${spec.name} (${spec.image})`,
  // One that is only created carries what the others mount, so they come after it.
  alongside: ({ isNew, container }) => (isNew === true && container.starts ? "starts" : undefined),

  async run(params, context) {
    const { node, container, isNew = false, graceSeconds = 5 } = params;
    if (isNew && (await madeAtOnce(params, context))) return "changed";
    const { spec, hash, starts } = container;
    const docker = context.docker(node);
    const { signal } = context;
    const oldName = `old-${spec.name}`;
    const [found, old, isImageThere] = await Promise.all([
      docker.inspect(spec.name, { signal }),
      docker.inspect(oldName, { signal }),
      hasImage({ node, image: spec.image }, context),
    ]);
    const isMade = found?.Config.Labels?.[specHashLabel] === hash;
    if (isMade && (!starts || found.State.Running) && old === undefined) return "unchanged";

    const hasAside = found !== undefined || old !== undefined;
    if (!isMade) {
      if (!isImageThere) await pull({ node, image: spec.image }, context);
      if (found !== undefined) await standAside(docker, { found, old, name: spec.name, oldName, signal });
      await create(params, { context, hasAside });
    }
    if (starts && !(isMade && found.State.Running)) {
      if (hasAside) await docker.stop(oldName, { graceSeconds, signal });
      await start(params, { context, hasAside });
    }
    if (hasAside) await docker.remove(oldName, { signal });
    return "changed";
  },
});

/**
 * Makes what nobody expects to be there without looking first: Docker refuses where something stands in the way after all.
 * Then nothing has happened yet, or no more than what a killed run leaves, and it is taken up from there.
 */
async function madeAtOnce(params: RunContainerParams, context: Context): Promise<boolean> {
  const { node, container } = params;
  const docker = context.docker(node);
  const { signal } = context;
  const created = create(params, { context, hasAside: false }).then(
    () => true,
    (error: unknown) => {
      if (isLasting(error, context)) return false;
      throw error;
    },
  );
  const [isCreated, old] = await Promise.all([created, docker.inspect(`old-${container.spec.name}`, { signal })]);
  if (!isCreated || old !== undefined) return false;
  if (container.starts) await start(params, { context, hasAside: false });
  return true;
}

interface Standing {
  readonly found: ContainerInspectInfo;
  readonly old: ContainerInspectInfo | undefined;
  readonly name: string;
  readonly oldName: string;
  readonly signal: AbortSignal;
}

/**
 * Frees the name for the replacement. When an `old-…` is there already, an earlier replacement was cut short: of the two
 * the one that runs stays, since it is the one that serves.
 */
async function standAside(docker: Docker, { found, old, name, oldName, signal }: Standing): Promise<void> {
  if (old !== undefined) {
    const isOldServing = old.State.Running && !found.State.Running;
    await docker.remove(isOldServing ? name : oldName, { signal });
    if (isOldServing) return;
  }
  await docker.rename(name, oldName, { signal });
}

interface Making {
  readonly context: Context;
  /** Whether there is one that stands aside. */
  readonly hasAside: boolean;
}

/** When it cannot be made, the one that stands aside gets its name back; it has never stopped. */
async function create({ node, container }: RunContainerParams, { context, hasAside }: Making): Promise<void> {
  const { spec, hash } = container;
  const docker = context.docker(node);
  const options = createOptions(spec, { labels: { [specHashLabel]: hash } });
  try {
    await docker.create(spec.name, options, { signal: context.signal });
  } catch (error) {
    if (hasAside && isLasting(error, context)) {
      await docker.rename(`old-${spec.name}`, spec.name, { signal: context.signal }).catch(() => undefined);
    }
    throw error;
  }
}

/** When it cannot be started, the one that it should replace takes its place again. */
async function start({ node, container: { spec } }: RunContainerParams, { context, hasAside }: Making): Promise<void> {
  const { name } = spec;
  try {
    await context.docker(node).start(name, { signal: context.signal });
  } catch (error) {
    if (!isLasting(error, context)) throw error;
    const words = await lastWords({ node, name }, { context, known: error.detail.because });
    const isBack = hasAside && (await takeBack({ node, name }, context));
    const clauses = [error.detail.because, words, isBack ? `the ${name} that ran before runs again` : undefined];
    const because = clauses.filter((clause) => clause !== undefined).join("; ");
    throw new RkeError(error.code, { ...error.detail, because }, { cause: error });
  }
}

async function takeBack({ node, name }: { node: string; name: string }, context: Context): Promise<boolean> {
  const docker = context.docker(node);
  const { signal } = context;
  try {
    await docker.remove(name, { signal });
    await docker.rename(`old-${name}`, name, { signal });
    await docker.start(name, { signal });
    return true;
  } catch {
    // The failure to tell is the first one, and the next run takes it up from wherever this has stopped.
    return false;
  }
}

const isLasting = (error: unknown, { signal }: Context): error is RkeError =>
  error instanceof RkeError && !error.transient && !signal.aborted;
