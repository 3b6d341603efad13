import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { cluster } from "../../../provider/config/schema/cluster.ts";
import { unwrapped } from "../../../provider/config/schema/naming.ts";
import { secretPaths, splitSecrets } from "../../../sdk/split-secrets.ts";

/** Where the schema marks a value as secret. */
function markedIn(schema: z.core.$ZodType, path: readonly string[]): readonly string[] {
  const { schema: inner, naming } = unwrapped(schema);
  if (naming.secret) return [path.join(".")];
  if (inner instanceof z.ZodObject) {
    return Object.entries<z.core.$ZodType>(inner.shape).flatMap(([key, value]) => markedIn(value, [...path, key]));
  }
  if (inner instanceof z.ZodArray) return markedIn(inner.element, [...path, "[]"]);
  return inner instanceof z.ZodRecord ? markedIn(inner.valueType, [...path, "*"]) : [];
}

const settled = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => void output.apply(resolve));

describe("secretPaths", () => {
  it("names what the schema marks, but for the nodes, which are registered on their own", () => {
    const marked = markedIn(cluster, []).filter((path) => !path.startsWith("nodes."));

    expect([...secretPaths].toSorted()).toEqual(marked.toSorted());
  });
});

describe("splitSecrets()", () => {
  it("takes a password out of a list and says where it was", async () => {
    const args = {
      privateRegistries: [
        { url: "a", user: "b" },
        { url: "c", password: "hunter2" },
      ],
    };

    const { plain, secrets } = splitSecrets(args);

    expect(plain).toEqual({ privateRegistries: [{ url: "a", user: "b" }, { url: "c" }] });
    expect(Object.keys(secrets)).toEqual(["privateRegistries[1].password"]);
    expect(await settled(secrets["privateRegistries[1].password"] as pulumi.Output<unknown>)).toBe("hunter2");
  });

  it("marks what it takes as secret", async () => {
    const { secrets } = splitSecrets({ bastionHost: { address: "a", sshKey: "key" } });

    expect(await pulumi.isSecret(secrets["bastionHost.sshKey"] as pulumi.Output<unknown>)).toBe(true);
  });

  it("looks under every name of a map", () => {
    const virtualCenter = { "vc.example.com": { user: "a", password: "b" } };

    const { secrets } = splitSecrets({ cloudProvider: { vsphereCloudProvider: { virtualCenter } } });

    expect(Object.keys(secrets)).toEqual([
      'cloudProvider.vsphereCloudProvider.virtualCenter["vc.example.com"].password',
    ]);
  });

  it("hides a block whole that comes from another resource and may hold a secret", () => {
    const { plain, secrets } = splitSecrets({ bastionHost: pulumi.output({ address: "a", sshKey: "key" }) });

    expect(plain).toEqual({});
    expect(Object.keys(secrets)).toEqual(["bastionHost"]);
  });

  it("leaves an output where it is when no secret can be in it", () => {
    const kubernetesVersion = pulumi.output("v1.32");

    expect(splitSecrets({ kubernetesVersion }).plain).toEqual({ kubernetesVersion });
  });
});
