import { compile } from "../cli/compiled.ts";
import { keyOfPool } from "../support/key-pool.ts";
import { pulumiCli } from "../support/pulumi-cli.mjs";

/** The engine runs the compiled package, as users do. */
export async function setup(): Promise<void> {
  compile();
  await pulumiCli({ say: console.log });
  await Promise.all(Array.from({ length: MOST_KEYS }, (_, index) => keyOfPool(index)));
}

/** More than a stack of any test uses. */
const MOST_KEYS = 24;
