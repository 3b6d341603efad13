import * as pulumi from "@pulumi/pulumi";

/** Arguments in which every value may come from another resource. */
export type Inputs<T> = { readonly [K in keyof T]: Deep<T[K]> };

type Deep<T> = T extends string | number | boolean | undefined | null
  ? pulumi.Input<T>
  : T extends readonly (infer Item)[]
    ? pulumi.Input<readonly Deep<Item>[]>
    : T extends object
      ? pulumi.Input<{ readonly [K in keyof T]: Deep<T[K]> }>
      : pulumi.Input<T>;

/** The value as a secret; nothing stays nothing. */
export const hidden = <T>(value: pulumi.Input<T> | undefined): pulumi.Output<T> | undefined =>
  value === undefined ? undefined : (pulumi.secret(value) as pulumi.Output<T>);

/** The entries that have a value. Pulumi takes `undefined` for an output that is still to come. */
export function given<T extends object>(entries: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/**
 * What Pulumi does not tell the provider of a dynamic resource: whether this is a preview, and which row of the display is
 * the resource's own. Registered under a name that the engine shows nobody; `check` takes it out, so it is in no state.
 */
export function engineCall(
  kind: string,
  name: string,
  opts: pulumi.CustomResourceOptions | undefined,
): { readonly __call: { readonly isPreview: boolean; readonly urn: string | Promise<string> } } {
  return { __call: { isPreview: pulumi.runtime.isDryRun(), urn: urnOf(name, kind, opts?.parent) } };
}

/** Without a parent all of it is known; Pulumi's own function would make dozens of promises to say so. */
function urnOf(name: string, kind: string, parent: pulumi.Resource | undefined): string | Promise<string> {
  const type = `pulumi-nodejs:dynamic/rke:${kind}`;
  if (parent === undefined) return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${type}::${name}`;
  const urn = pulumi.createUrn(name, type, parent);
  // A bare promise: as an output it would make a child wait for all children of its parent, and so for itself.
  return new Promise((resolve) => urn.apply(resolve));
}
