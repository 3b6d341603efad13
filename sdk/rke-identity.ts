import * as pulumi from "@pulumi/pulumi";

import { engineCall, given, hidden } from "./inputs.ts";
import { refuseUnsupported } from "./refusals.ts";
import { ShellResource } from "./shell.ts";

export interface RkeIdentityArgs {
  /** Name of the cluster in the kubeconfig. Default: local. */
  readonly clusterName?: pulumi.Input<string | undefined>;
  /**
   * Address of the API server in the kubeconfig: a control plane node, or a load balancer in front of them. Default: the
   * kubeconfig of the identity says 127.0.0.1, and that of the cluster a node of the cluster.
   */
  readonly server?: pulumi.Input<string | undefined>;
  /** A CA to issue from, both parts PEM. Default: a new one. It cannot be changed once the identity is there. */
  readonly customCa?: pulumi.Input<CustomCa>;
  /** A cluster of `rke` whose keys these are to be. Not needed any more once the identity is there. */
  readonly adopt?: pulumi.Input<AdoptArgs> | undefined;
}

/** What is known of an identity that another stack looks after. */
export interface RkeIdentityState extends Pick<RkeIdentityArgs, "clusterName" | "server"> {
  /** The output `bundle` of that identity. */
  readonly bundle: pulumi.Input<string>;
}

/** A cluster that `rke`, its Terraform provider or Rancher has made. */
export interface AdoptArgs {
  /** The whole text of its `cluster.rkestate`. Rancher keeps the same in the Secret `kube-system/full-cluster-state`. */
  readonly rkeState: pulumi.Input<string>;
}

export interface CustomCa {
  readonly certificate: pulumi.Input<string>;
  readonly key: pulumi.Input<string>;
}

/**
 * The keys of a cluster: its CA and what follows from it. Made without touching a machine, before there is one, and
 * never made again: whoever has the CA has the cluster.
 */
export class RkeIdentity extends ShellResource {
  /** Kubeconfig of kube-admin. A secret. */
  declare readonly kubeconfig: pulumi.Output<string>;
  /** Certificate of the cluster's CA, PEM. */
  declare readonly caCertificate: pulumi.Output<string>;
  /** Stays the same as long as the CA does. */
  declare readonly clusterId: pulumi.Output<string>;
  /** When the first certificate of the identity ends: a date as ISO 8601 writes it. */
  declare readonly expires: pulumi.Output<string>;
  /** The certificates and keys as `cluster.rkestate` holds them, as JSON. A secret. */
  declare readonly bundle: pulumi.Output<string>;
  declare readonly clusterName: pulumi.Output<string | undefined>;
  declare readonly server: pulumi.Output<string | undefined>;

  /**
   * The identity of another stack, by its `clusterId` and its `bundle`, which a StackReference hands over as a secret.
   * Nothing is made, and what belongs to the other stack stays with it.
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: RkeIdentityState,
    opts?: pulumi.CustomResourceOptions,
  ): RkeIdentity {
    return new RkeIdentity(name, state, { ...opts, id });
  }

  constructor(name: string, args: RkeIdentityArgs | RkeIdentityState = {}, opts?: pulumi.CustomResourceOptions) {
    refuseUnsupported("RkeIdentity", name, opts);
    const outputs = {
      kubeconfig: undefined,
      caCertificate: undefined,
      clusterId: undefined,
      expires: undefined,
      bundle: undefined,
    };
    const { clusterName, server, customCa, adopt, bundle } = args as RkeIdentityArgs & Partial<RkeIdentityState>;
    const inputs = { clusterName, server, customCa: hidden(customCa), adopt: hidden(adopt) };
    const call = engineCall("RkeIdentity", name, opts);
    const secrets = { additionalSecretOutputs: ["kubeconfig", "bundle"] };
    super(
      { kind: "identity", type: "RkeIdentity" },
      name,
      { ...outputs, ...inputs, ...given({ bundle: hidden(bundle) }), ...call },
      pulumi.mergeOptions(secrets, opts),
    );
  }
}
