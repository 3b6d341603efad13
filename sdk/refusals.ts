import type * as pulumi from "@pulumi/pulumi";

type Kind = "RkeIdentity" | "RkeNode" | "RkeCluster" | "EtcdBackup";

/** What gets a person there that the option `import` does not. */
const insteadOfImport: Readonly<Record<Kind, string>> = {
  RkeIdentity:
    'Leave the option "import" out. To take over the keys of a cluster of rke, give its state: adopt: { rkeState }. ' +
    "To use an identity of another stack, call RkeIdentity.get with its bundle",
  RkeNode:
    'Leave the option "import" out: a machine that is there already is created by looking at it, and not changed',
  RkeCluster:
    'Leave the option "import" out. To take over a cluster of rke, give its state: adopt: { rkeState }. ' +
    "To read a cluster of another stack, call RkeCluster.get",
  EtcdBackup:
    'Leave the option "import" out: a new snapshot is taken. One that is there already needs no resource to be kept, and can be restored by its name',
};

/** What cannot work, said before Pulumi says it in words that help nobody. */
export function refuseUnsupported(
  kind: Kind,
  name: string,
  opts: pulumi.CustomResourceOptions | undefined,
  versions: object = process.versions,
): void {
  if ("bun" in versions) {
    throw new Error(
      `Cannot declare ${kind} "${name}": Pulumi runs dynamic resources with Node.js only\n  Set "runtime: nodejs" in Pulumi.yaml`,
    );
  }
  if (opts?.import !== undefined) {
    throw new Error(
      `Cannot import ${kind} "${name}": no machine tells its keys to an import, and Pulumi does not say whose provider to ask\n  ${insteadOfImport[kind]}`,
    );
  }
}
