import type * as pulumi from "@pulumi/pulumi";

type Kind = "identity" | "node" | "cluster" | "backup";

/**
 * What Pulumi writes into the state file. Refreshes and deletions run the text that lies there, not the release that is
 * installed: it must never grow, and "pulumi-rke/provider" and the shape of these calls must never change.
 */
export function shell(kind: Kind): pulumi.dynamic.ResourceProvider {
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
