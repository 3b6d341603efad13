import * as pulumi from "@pulumi/pulumi";

/**
 * What Pulumi does not tell the provider of a dynamic resource: whether this is a preview, and which row of the display is
 * the resource's own. Registered under a name that the engine shows nobody; `check` takes it out, so it is in no state.
 */
export function engineCall(
  kind: string,
  name: string,
  opts: pulumi.CustomResourceOptions | undefined,
): { readonly __call: { readonly isPreview: boolean; readonly urn: Promise<string> } } {
  const urn = pulumi.createUrn(name, `pulumi-nodejs:dynamic/rke:${kind}`, opts?.parent);
  // A bare promise: as an output it would make a child wait for all children of its parent, and so for itself.
  return { __call: { isPreview: pulumi.runtime.isDryRun(), urn: new Promise((resolve) => urn.apply(resolve)) } };
}
