import type { ContainerSpec } from "../desired/container-spec.ts";
import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { createOptions } from "./create-options.ts";
import { hasImage, pull } from "./image.ts";
import { type HelperName, helperLabel } from "./our-containers.ts";

export interface HelperSpec extends Omit<ContainerSpec, "name"> {
  readonly name: HelperName;
}

/**
 * Makes a container for a moment. Creating comes first, because on most days nothing stands in its way: what does is looked
 * at afterwards, be it what a killed run has left, or that the image is not there.
 */
export async function createHelper(
  node: string,
  { name, ...spec }: HelperSpec,
  { context, autoRemove = false }: { context: Context; autoRemove?: boolean },
): Promise<void> {
  const docker = context.docker(node);
  const { signal } = context;
  const options = createOptions(spec, { labels: { [helperLabel]: name } });
  const { HostConfig } = options;
  const wanted = autoRemove ? { ...options, HostConfig: { ...HostConfig, AutoRemove: true } } : options;
  try {
    await docker.create(name, wanted, { signal });
    return;
  } catch (error) {
    if (!(error instanceof RkeError) || error.transient || signal.aborted) throw error;
  }
  const [, isImageThere] = await Promise.all([
    docker.remove(name, { signal }),
    hasImage({ node, image: spec.image }, context),
  ]);
  if (!isImageThere) await pull({ node, image: spec.image }, context);
  await docker.create(name, wanted, { signal });
}

/**
 * Does something with a container that is made for it, and removes it in any case; of a run that is being cancelled too,
 * if the machine answers at once.
 */
export async function withHelper<T>(
  node: string,
  spec: HelperSpec,
  { context, work }: { context: Context; work: (name: string) => Promise<T> },
): Promise<T> {
  const docker = context.docker(node);
  try {
    await createHelper(node, spec, { context });
    const result = await work(spec.name);
    await docker.remove(spec.name, { signal: context.signal });
    return result;
  } catch (error) {
    // The first error is the one to tell; what stays behind is removed by the next container of this name.
    await docker.remove(spec.name, { signal: AbortSignal.timeout(GOODBYE_MS) }).catch(() => undefined);
    throw error;
  }
}

const GOODBYE_MS = 5000;
