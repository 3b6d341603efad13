import type * as pulumi from "@pulumi/pulumi";

export declare class Provider extends pulumi.dynamic.Resource {
  constructor(
    name: string,
    args: { kubeconfig: pulumi.Input<string>; clusterIdentifier?: pulumi.Input<string> },
    opts?: pulumi.CustomResourceOptions,
  );
}

export declare namespace core.v1 {
  class Namespace extends pulumi.dynamic.Resource {
    readonly metadata: pulumi.Output<{ readonly name: string }>;
    constructor(
      name: string,
      args: { metadata: { name: pulumi.Input<string> } },
      opts: { readonly provider: Provider },
    );
  }
}
