import * as pulumi from "@pulumi/pulumi";

import type { ClusterArgs } from "../provider/config/schema/cluster.ts";
import type { NodeArgs } from "../provider/config/schema/node.ts";
import type { Backup, NodeStatus, Planes, Restored } from "../provider/state/cluster-state.ts";
import { engineCall, given, hidden, type Inputs } from "./inputs.ts";
import { type NodeWords, nodeConnection, nodeEntry } from "./node-entry.ts";
import { refuseUnsupported } from "./refusals.ts";
import type { RestoreArgs } from "./restore-args.ts";
import { type AdoptArgs, RkeIdentity } from "./rke-identity.ts";
import { RkeNode, type RkeNodeArgs } from "./rke-node.ts";
import { ShellResource } from "./shell.ts";
import { splitSecrets } from "./split-secrets.ts";

/** A node without a resource of its own, in the words of `RkeNode` or in those of cluster.yml. */
export type InlineNode = (Omit<RkeNodeArgs, "waitFor" | "onDelete"> | Inputs<NodeArgs>) & {
  /** What the node is called in previews. Default: `hostnameOverride`, or the address. */
  readonly name?: string;
};

export interface RkeClusterArgs extends Inputs<Omit<ClusterArgs, "nodes" | "restore">> {
  /** The machines. Their order means nothing. */
  readonly nodes: readonly (RkeNode | InlineNode)[];
  /** The cluster's keys. Default: an `RkeIdentity` of its own, called after the cluster. */
  readonly identity?: RkeIdentity;
  /** Address of the API server in the kubeconfig. Default: that of the identity, else the first control plane node. */
  readonly endpoint?: pulumi.Input<string>;
  /** How long each operation may take, as `90m`. Default: 60m, 60m and 30m. */
  readonly timeouts?: pulumi.Input<{ readonly create?: string; readonly update?: string; readonly delete?: string }>;
  /** Preflight checks whose objections are accepted, by their names. */
  readonly waive?: pulumi.Input<readonly pulumi.Input<string>[]>;
  /**
   * What to do about machines that do not answer when the cluster is deleted. `forget`, the default, names them in a
   * warning: most often they are being deleted themselves. `strict` fails.
   */
  readonly onDelete?: pulumi.Input<"forget" | "strict">;
  /**
   * A cluster of `rke` to go on with: its certificates stay, so nothing on its machines is restarted that fits the program.
   * An `identity` of the program needs the same argument. Not needed any more once the cluster is in the state.
   */
  readonly adopt?: pulumi.Input<AdoptArgs> | undefined;
  /**
   * Whether an update that changes the members of etcd, or what they run, saves etcd first: into
   * `/opt/rke/etcd-snapshots/pulumi-rke-before-change-<time>` of one of its machines, where the newest two and the first of
   * the last day stay. An update that cannot do that changes nothing. Default: true.
   */
  readonly safetySnapshot?: pulumi.Input<boolean>;
  /**
   * A snapshot to make etcd's data of, on the machines of the program: those that it was taken of, others, fewer or more. The
   * preview says what stops and what is lost. The block of this name in files of `rke` asks for nothing, and may stay.
   */
  readonly restore?: RestoreArgs | Inputs<NonNullable<ClusterArgs["restore"]>> | undefined;
}

/** A Kubernetes cluster on machines that run Docker. */
export class RkeCluster extends ShellResource {
  /** Kubeconfig of kube-admin, known in every preview once the cluster exists. A secret. */
  declare readonly kubeconfig: pulumi.Output<string>;
  /** Stays the same as long as the cluster's CA does. */
  declare readonly clusterId: pulumi.Output<string>;
  /** The Kubernetes version that runs, pinned when none is asked for. */
  declare readonly release: pulumi.Output<string>;
  /** What runs on which plane, and how it is replaced. */
  declare readonly planes: pulumi.Output<Planes>;
  /** URLs of the API servers. */
  declare readonly endpoints: pulumi.Output<readonly string[]>;
  /** What was last seen of each node, by its name in the program. */
  declare readonly nodeStatus: pulumi.Output<Readonly<Record<string, NodeStatus>>>;
  /**
   * The newest snapshots that lie on the machines with etcd, fifty at most, by the last look: recurring ones, those of
   * `EtcdBackup` and of `rke`, and those taken before changes. A refresh that finds others shows them as a change of this.
   */
  declare readonly backups: pulumi.Output<readonly Backup[]>;
  /** When each certificate ends, by its name. */
  declare readonly certificateExpiry: pulumi.Output<Readonly<Record<string, string>>>;
  /** The cluster as `cluster.rkestate` has it: JSON that `rke` accepts. A secret. */
  declare readonly rkeState: pulumi.Output<string>;
  /** The snapshot that was restored last, as long as the program asks for it. */
  declare readonly restored: pulumi.Output<Restored | undefined>;

  /**
   * A cluster that another stack looks after, by its `clusterId`, its nodes and its keys (`RkeIdentity.get`). It is looked
   * at, also in previews, and never changed. What only its own stack knows stays undefined: `rkeState`, `certificateExpiry`.
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: RkeClusterArgs & { readonly identity: RkeIdentity },
    opts?: pulumi.CustomResourceOptions,
  ): RkeCluster {
    return new RkeCluster(name, args, { ...opts, id });
  }

  constructor(name: string, args: RkeClusterArgs, opts?: pulumi.CustomResourceOptions) {
    refuseUnsupported("RkeCluster", name, opts);
    const {
      nodes,
      identity: givenIdentity,
      endpoint,
      timeouts,
      waive,
      onDelete,
      adopt,
      safetySnapshot,
      restore,
      ...settings
    } = args;
    const clusterName = settings.clusterName;
    const identity =
      givenIdentity ?? new RkeIdentity(`${name}-identity`, given({ clusterName, adopt }), ownOptions(opts));
    const { plain, secrets } = splitSecrets(settings);
    const asked = splitSecrets({ restore }, secretsOfRestore);
    const inputs = {
      ...plain,
      name,
      ...nodeMaps(name, nodes),
      secrets: hidden(secrets),
      identity: hidden(identity.bundle),
      kubeconfig: hidden(identity.kubeconfig),
      clusterId: identity.clusterId,
      server: endpoint ?? (givenIdentity === undefined ? undefined : identity.server),
      timeouts,
      waive,
      onDelete,
      adopt: hidden(adopt),
      safetySnapshot,
      ...asked.plain,
      ...(Object.keys(asked.secrets).length > 0 && { restoreSecrets: hidden(asked.secrets) }),
    };
    super(
      { kind: "cluster", type: "RkeCluster" },
      name,
      { ...outputs(), ...given(inputs), ...engineCall("RkeCluster", name, opts) },
      pulumi.mergeOptions({ additionalSecretOutputs: secretOutputs }, opts),
    );
  }

  /** What a Kubernetes provider needs: `new k8s.Provider("prod", cluster.kubernetesProviderArgs())`. */
  kubernetesProviderArgs(): { kubeconfig: pulumi.Output<string>; clusterIdentifier: pulumi.Output<string> } {
    return { kubeconfig: this.kubeconfig, clusterIdentifier: this.clusterId };
  }
}

const secretOutputs = [
  "kubeconfig",
  "identity",
  "connections",
  "secrets",
  "certificates",
  "rkeState",
  "encryptionKeys",
  "ways",
  "restoreSecrets",
];

const secretsOfRestore = ["restore.passphrase", "restore.storage.s3.secretKey", "restore.storage.s3.sessionToken"];

/** Pulumi asks for every output by its name; new on each call, since it writes into what it is given. */
const outputs = () => ({
  release: undefined,
  planes: undefined,
  endpoints: undefined,
  nodeStatus: undefined,
  backups: undefined,
  certificateExpiry: undefined,
  certificates: undefined,
  rkeState: undefined,
  encryptionKeys: undefined,
  ways: undefined,
  facts: undefined,
  applied: undefined,
  attempted: undefined,
  restored: undefined,
  stateVersion: undefined,
});

/** The nodes by name, and the ways to them beside it, so that no secret hides what a preview shows of a node. */
function nodeMaps(cluster: string, nodes: RkeClusterArgs["nodes"]) {
  const entries: Record<string, unknown> = {};
  const connections: Record<string, unknown> = {};
  for (const [index, node] of nodes.entries()) {
    const words: NodeWords = node instanceof RkeNode ? node.args : (node as NodeWords);
    const name = node instanceof RkeNode ? node.nodeName : inlineName(cluster, index, node);
    if (Object.hasOwn(entries, name)) {
      throw new Error(`Cannot declare RkeCluster "${cluster}": two of its nodes are called "${name}"`);
    }
    entries[name] = nodeEntry(words);
    connections[name] = { ...nodeConnection(words), ...(node instanceof RkeNode && { hostKey: node.hostKey }) };
  }
  return { nodes: entries, connections: hidden(connections) };
}

function inlineName(cluster: string, index: number, node: InlineNode): string {
  const { name, hostnameOverride, address, host } = node as NodeWords & { name?: string };
  const found = [name, hostnameOverride, address, host].find((word) => typeof word === "string" && word !== "");
  if (typeof found === "string") return found;
  throw new Error(
    `Cannot declare RkeCluster "${cluster}": nodes[${index}] has no name that is known before the machine is there\n  Give it one: { name: "web-1", … }`,
  );
}

/** The identity stands beside the cluster, under the same parent and protection. */
function ownOptions(opts: pulumi.CustomResourceOptions | undefined): pulumi.CustomResourceOptions {
  return given({ parent: opts?.parent, protect: opts?.protect, retainOnDelete: opts?.retainOnDelete });
}
