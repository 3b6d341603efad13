import { compile } from "../cli/compiled.ts";
import { pulumiCli } from "../support/pulumi-cli.mjs";

/** The engine runs the compiled package, as users do. */
export async function setup(): Promise<void> {
  compile();
  await pulumiCli({ say: console.log });
}
