import type * as pulumi from "@pulumi/pulumi";

import { given, hidden } from "./inputs.ts";
import type { RkeNodeArgs } from "./rke-node.ts";

/** What of a node everybody may see, as it is registered. */
export function nodeEntry(args: NodeWords): Record<string, pulumi.Input<unknown>> {
  const { host, port, user, address, internalAddress, hostnameOverride, labels, taints, dockerSocket } = args;
  const roles = args.roles ?? args.role;
  return given({
    host: host ?? address,
    port,
    user,
    address: host === undefined ? undefined : address,
    internalAddress,
    hostnameOverride,
    roles,
    labels,
    taints,
    dockerSocket,
  });
}

/** The rest: how one gets in. Keys are as they were given; whoever registers this hides them, or hides it as a whole. */
export function nodeConnection(args: NodeWords): Record<string, pulumi.Input<unknown>> {
  const { privateKeyPassword, agentSocketPath, hostKey, proxy, sshKeyPath, sshCertPath } = args;
  return given({
    privateKey: args.privateKey ?? args.sshKey,
    privateKeyPassword,
    agentSocketPath,
    certificate: args.certificate ?? args.sshCert,
    hostKey,
    proxy,
    sshKeyPath,
    sshCertPath,
  });
}

/** The same with each key a secret, for a resource that shows the rest. */
export function hiddenConnection(args: NodeWords): Record<string, pulumi.Input<unknown>> {
  const { privateKey, privateKeyPassword, proxy, ...rest } = nodeConnection(args);
  const keys = given({ privateKey, privateKeyPassword, proxy });
  return { ...rest, ...Object.fromEntries(Object.entries(keys).map(([word, key]) => [word, hidden(key)])) };
}

/** The words of `RkeNode`, and those of cluster.yml beside them. */
export type NodeWords = { readonly [K in Exclude<keyof RkeNodeArgs, "waitFor" | "onDelete">]?: RkeNodeArgs[K] } & {
  readonly role?: pulumi.Input<unknown> | undefined;
  readonly sshKey?: pulumi.Input<string> | undefined;
  readonly sshCert?: pulumi.Input<string> | undefined;
  readonly sshKeyPath?: pulumi.Input<string> | undefined;
  readonly sshCertPath?: pulumi.Input<string> | undefined;
};
