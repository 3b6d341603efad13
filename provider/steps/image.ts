import type { Context } from "../execute/context.ts";
import { retry } from "../execute/retry.ts";

interface Wanted {
  readonly node: string;
  readonly image: string;
}

/** Whether an image is on a machine. */
export async function hasImage({ node, image }: Wanted, context: Context): Promise<boolean> {
  return (await context.docker(node).inspectImage(image, { signal: context.signal })) !== undefined;
}

/** Pulls an image with the credentials of its registry, and again when the registry has a bad moment. */
export async function pull({ node, image }: Wanted, context: Context): Promise<void> {
  const auth = await context.registryCredentials(image);
  const { signal } = context;
  const deed = () => context.docker(node).pull(image, { auth, signal });
  await retry(`pull ${image}`, deed, { context, attempts: 5, node });
}
