import * as pulumi from "@pulumi/pulumi";

type Kind = "identity" | "node" | "cluster" | "backup";

/**
 * A resource whose provider is a text in the state, as those of `pulumi.dynamic.Resource` are. That class would walk through
 * what the provider captures and write three times as much, and Pulumi takes all of it in hand with each call.
 */
export class ShellResource extends pulumi.CustomResource {
  constructor(
    { kind, type }: { readonly kind: Kind; readonly type: string },
    name: string,
    props: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(`pulumi-nodejs:dynamic/rke:${type}`, name, { ...props, __provider: shellText(kind) }, opts);
  }
}

/**
 * What Pulumi writes into the state file. Refreshes and deletions run the text that lies there, not the release that is
 * installed: it must never grow, and "pulumi-rke/provider" and the shape of these calls must never change.
 */
export const shellText = (kind: Kind): string => `exports.handler = () => (${shell})(${JSON.stringify(kind)});\n`;

/** Runs from its own text: what it uses has to stand in it. */
function shell(kind: Kind): pulumi.dynamic.ResourceProvider {
  const load = async () => (await import("pulumi-rke/provider")).handlers[kind];
  return {
    check: async (olds, news) => (await load()).check({ olds, news }),
    diff: async (id, olds, news) => (await load()).diff({ id, olds, news }),
    create: async (news) => (await load()).create({ news }),
    read: async (id, olds) => (await load()).read({ id, olds }),
    update: async (id, olds, news) => (await load()).update({ id, olds, news }),
    delete: async (id, olds) => (await load()).delete({ id, olds }),
  };
}
