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
