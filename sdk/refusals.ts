import type * as pulumi from "@pulumi/pulumi";

/** What cannot work, said before Pulumi says it in words that help nobody. */
export function refuseUnsupported(kind: string, name: string, opts: pulumi.CustomResourceOptions | undefined): void {
  if ("bun" in process.versions) {
    throw new Error(
      `Cannot declare ${kind} "${name}": Pulumi runs dynamic resources with Node.js only\n  Set "runtime: nodejs" in Pulumi.yaml`,
    );
  }
  if (opts?.import !== undefined) {
    throw new Error(
      `Cannot import ${kind} "${name}": a machine does not tell its keys and certificates to Pulumi's import\n  Leave the option "import" out`,
    );
  }
}
