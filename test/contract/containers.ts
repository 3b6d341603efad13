import type { ContainerCreateOptions } from "dockerode";
import { onTestFinished } from "vitest";

import { toolsImage } from "./cluster.ts";
import { type Script, shell } from "./scripts.ts";
import type { Ask } from "./world.ts";

let made = 0;

/** A name that is no other test's, of a container that goes with the test. */
export function aName({ docker }: Pick<Ask, "docker">): string {
  made += 1;
  const name = `contract-${process.pid}-${made}`;
  onTestFinished(async () => {
    await docker().remove(name);
  });
  return name;
}

/** What a container needs to run a script. */
export function running(script: Script, changes: ContainerCreateOptions = {}): ContainerCreateOptions {
  return { Image: toolsImage, Entrypoint: [...shell(script)], ...changes };
}

/** Creates a container that goes with the test, and returns its name. */
export async function aContainer(
  world: Pick<Ask, "docker">,
  script: Script,
  changes: ContainerCreateOptions = {},
): Promise<string> {
  const name = aName(world);
  await world.docker().create(name, running(script, changes));
  return name;
}

/** One that has been started. */
export async function aStarted(
  world: Pick<Ask, "docker">,
  script: Script,
  changes: ContainerCreateOptions = {},
): Promise<string> {
  const name = await aContainer(world, script, changes);
  await world.docker().start(name);
  return name;
}

/** One that has run to its end. */
export async function anEnded(
  world: Pick<Ask, "docker">,
  script: Script,
  changes: ContainerCreateOptions = {},
): Promise<string> {
  const name = await aStarted(world, script, changes);
  await world.docker().wait(name);
  return name;
}
