import * as pulumi from "@pulumi/pulumi";

import type { NodeFactsOutput } from "../provider/state/node-state.ts";
import type { ConnectionArgs, ProxyArgs } from "./connection-args.ts";
import { engineCall, given, type Inputs } from "./inputs.ts";
import { hiddenConnection, nodeEntry } from "./node-entry.ts";
import { refuseUnsupported } from "./refusals.ts";
import { ShellResource } from "./shell.ts";

/** What a machine is in its cluster. */
export interface MachineArgs {
  /** What the machine does: any of `etcd`, `controlplane`, `worker`. */
  readonly roles: pulumi.Input<readonly pulumi.Input<"etcd" | "controlplane" | "worker">[]>;
  /** Address of the node in the cluster, where that is not `host`. Identifies the machine. */
  readonly address?: pulumi.Input<string> | undefined;
  /** Address the components use among themselves (etcd peers, API servers, kubelets). Default: `address`. */
  readonly internalAddress?: pulumi.Input<string> | undefined;
  /** Name of the node in Kubernetes; written in lower case. Default: `address`. */
  readonly hostnameOverride?: pulumi.Input<string> | undefined;
  /** Labels of the Node object. Labels that others have set stay. */
  readonly labels?: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>> | undefined;
  /** Taints of the Node object. Those that RKE sets by role cannot be given. */
  readonly taints?: pulumi.Input<readonly pulumi.Input<Inputs<TaintArgs>>[]> | undefined;
  /** Path of Docker's socket on the machine. Default: /var/run/docker.sock. */
  readonly dockerSocket?: pulumi.Input<string> | undefined;
}

export interface TaintArgs {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

export interface RkeNodeArgs extends ConnectionArgs, MachineArgs {
  /** A machine to go through, with its own credentials. */
  readonly proxy?: pulumi.Input<ProxyArgs> | undefined;
  /**
   * How long to wait for SSH and Docker to answer: cloud-init may still be at work. Default: 10m. A login that is refused
   * is tried for two minutes only: by then a new machine has its keys, and a wrong one stays wrong.
   */
  readonly waitFor?: pulumi.Input<string> | undefined;
  /**
   * What becomes of the machine's Kubernetes when it leaves the program. `clean`, the default, makes the machine as it was
   * before; one that does not answer is named in a warning, because most often it is gone already. `strict` does the same,
   * and fails on a machine that does not answer. `leave` touches nothing: the machine goes anyway.
   */
  readonly onDelete?: pulumi.Input<"clean" | "strict" | "leave"> | undefined;
}

/**
 * One machine. It is there once SSH and Docker answer and nothing about it stands in the way of a cluster. Deleting it
 * makes the machine as it was before the cluster.
 */
export class RkeNode extends ShellResource {
  /** Key that the machine showed on first contact. Connections to anything else are refused from then on. */
  declare readonly hostKey: pulumi.Output<string>;
  /** What the machine said about itself. */
  declare readonly facts: pulumi.Output<NodeFactsOutput>;
  declare readonly host: pulumi.Output<string>;
  declare readonly address: pulumi.Output<string | undefined>;
  declare readonly internalAddress: pulumi.Output<string | undefined>;
  declare readonly hostnameOverride: pulumi.Output<string | undefined>;
  declare readonly roles: pulumi.Output<readonly ("etcd" | "controlplane" | "worker")[]>;

  /** The name in the program. `RkeCluster` knows the node by it, in every preview. */
  readonly nodeName: string;
  /** The arguments as they were written: known in a preview where the outputs are not yet. */
  readonly args: RkeNodeArgs;

  /** A machine that another stack looks after: it is looked at, also in previews, and never changed. `id` is its address. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: RkeNodeArgs,
    opts?: pulumi.CustomResourceOptions,
  ): RkeNode {
    return new RkeNode(name, args, { ...opts, id });
  }

  constructor(name: string, args: RkeNodeArgs, opts?: pulumi.CustomResourceOptions) {
    refuseUnsupported("RkeNode", name, opts);
    const { waitFor, onDelete } = args;
    const inputs = { ...nodeEntry(args), ...hiddenConnection(args), ...given({ waitFor, onDelete }) };
    const call = engineCall("RkeNode", name, opts);
    const outputs = { hostKey: undefined, facts: undefined };
    const secrets = { additionalSecretOutputs: ["privateKey", "privateKeyPassword"] };
    super(
      { kind: "node", type: "RkeNode" },
      name,
      { ...outputs, ...inputs, ...call },
      pulumi.mergeOptions(secrets, opts),
    );
    this.nodeName = name;
    this.args = args;
  }
}
