import fc from "fast-check";
import { z } from "zod";

import { kubernetesTypes } from "../../../provider/config/rke-form/facts.ts";
import type { GoScalar, GoType } from "../../../provider/config/rke-form/go-type.ts";
import { type ClusterArgs, cluster } from "../../../provider/config/schema/cluster.ts";
import { isVerbatim, unwrapped } from "../../../provider/config/schema/naming.ts";

/** Any arguments that the schema takes, sensible or not. */
export const arbitraryCluster = (): fc.Arbitrary<ClusterArgs> => block(cluster, []).map((args) => args as ClusterArgs);

type Place = readonly string[];

const versions = ["v1.9.5-rancher1-1", "v1.20.15-rancher2-2", "v1.23.16-rancher2-3", "v1.32.7-rancher1-1"];
const someText = fc.constantFrom("", "a", "B c", "é<&>", "10%", "0", "x509|webhook");

const byPlace: Readonly<Partial<Record<string, fc.Arbitrary<unknown>>>> = {
  kubernetesVersion: fc.constantFrom("", ...versions),
  "nodes.taints.timeAdded": fc.constant("2020-01-02T03:04:05Z"),
};

function block(schema: z.ZodObject, place: Place): fc.Arbitrary<object> {
  const keys = Object.entries(schema.shape).map(([key, value]) => [key, argument(value, [...place, key])] as const);
  return someKeys(Object.fromEntries(keys));
}

/** None of the keys, half of them, or most: so that all of a large block is met as well as a single key of it. */
const someKeys = (keys: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> =>
  fc
    .constantFrom(0, 1, 4)
    .chain((odds) =>
      fc.record(
        Object.fromEntries(
          Object.entries(keys).map(([key, value]) => [key, key === "name" ? value : sometimes(value, odds)]),
        ),
      ),
    )
    .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)));

const sometimes = (value: fc.Arbitrary<unknown>, odds: number): fc.Arbitrary<unknown> =>
  odds === 0 ? fc.constant(undefined) : fc.option(value, { nil: undefined, freq: odds });

function argument(given: z.core.$ZodType, place: Place): fc.Arbitrary<unknown> {
  const { schema } = unwrapped(given);
  const special = byPlace[place.join(".")];
  if (special !== undefined) return special;
  const known = kubernetesTypes[place.join(".")];
  const item = schema instanceof z.ZodArray ? unwrapped(schema.element).schema : schema;
  if (known !== undefined && isVerbatim(item)) return goValue(known);
  if (schema instanceof z.ZodObject) return block(schema, place);
  if (schema instanceof z.ZodArray) return fc.array(argument(schema.element, place), { maxLength: 2 });
  if (schema instanceof z.ZodRecord) return fc.dictionary(keyText, argument(schema.valueType, place), { maxKeys: 2 });
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((option) => argument(option, place)));
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNumber) return fc.nat(300);
  return someText;
}

const keyText = fc.constantFrom("a", "b.c/d", "election-timeout", "canal_iface");

function goValue(type: GoType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "struct":
      return someKeys(
        Object.fromEntries(type.fields.filter(isOwn).map((field) => [field.name, goValue(field.type)])),
      ).chain((own) =>
        type.fields
          .filter((field) => !isOwn(field))
          .reduce(
            (sum, field) => fc.tuple(sum, goValue(field.type)).map(([a, b]) => ({ ...a, ...(b as object) })),
            fc.constant(own),
          ),
      );
    case "pointer":
      return goValue(type.of);
    case "list":
      return fc.array(goValue(type.of), { maxLength: 2 });
    case "map":
      return fc.dictionary(keyText, goValue(type.of), { maxKeys: 2 });
    default:
      return scalars[type.kind];
  }
}

const isOwn = ({ state }: { readonly state: string | undefined }): boolean => state !== undefined;

const scalars: Readonly<Record<GoScalar["kind"], fc.Arbitrary<unknown>>> = {
  text: someText,
  number: fc.nat(300),
  flag: fc.boolean(),
  time: fc.constant("2020-01-02T03:04:05Z"),
  duration: fc.constant("3s"),
  quantity: fc.constantFrom("1Gi", "5", "500m"),
  intOrText: fc.oneof(fc.nat(9), fc.constant("25%")),
  rawObject: fc.constant({ kind: "K", apiVersion: "v1", b: [1, { z: "<é&>", a: null }] }),
  rawBytes: fc.constant({ "f:a": {} }),
};
