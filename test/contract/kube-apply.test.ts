import { describe, expect, it, onTestFinished } from "vitest";

import { fieldManager, isOurs, ownedDigest } from "../../provider/desired/addons/owned-digest.ts";
import type { KubeObject } from "../../provider/hosts/kube-objects.ts";
import { clientOf } from "./cluster.ts";
import { aWorld } from "./world.ts";

const { here, kube, raw } = aWorld({ cluster: true });

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

describe("An object that is applied", () => {
  it("is made where there was none, which its status tells", async () => {
    const place = aPlace();

    const [first, second] = [await apply(place, { a: "1" }), await apply(place, { a: "1" })];

    expect([first.status, second.status]).toEqual([201, 200]);
    expect(first.json).toMatchObject({ kind: "ConfigMap", metadata: { name: place.name }, data: { a: "1" } });
  });

  it("has the same version when nothing is different", async () => {
    const place = aPlace();

    const [first, second, third] = [
      await applied(place, { a: "1" }),
      await applied(place, { a: "1" }),
      await applied(place, { a: "2" }),
    ];

    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(third.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
  });

  it("loses what is not applied any more, and keeps what others have set", async () => {
    const place = aPlace();
    await applied(place, { a: "1", b: "1" });
    await applied(place, { c: "1" }, "somebody");

    const { data } = await applied(place, { a: "1" });

    expect(data).toEqual({ a: "1", c: "1" });
  });

  it("is noted down field by field under the name of who applied it", async () => {
    const place = aPlace();
    await applied(place, { a: "1" });

    const object = await kube().request<KubeObject & { metadata: { managedFields: unknown } }>("GET", place.path);

    expect(object?.metadata.managedFields).toEqual([
      expect.objectContaining({
        manager: fieldManager,
        operation: "Apply",
        apiVersion: "v1",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:data": { "f:a": {} } },
      }),
    ]);
    expect(isOurs(object)).toBe(true);
  });

  it("has one digest of what is ours, whatever others add", async () => {
    const place = aPlace();
    const digest = ownedDigest(await applied(place, { a: "1" }));

    const after = ownedDigest(await applied(place, { b: "1" }, "somebody"));

    expect([digest, after]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), digest]);
  });

  it("has another digest once somebody has taken a field of ours", async () => {
    const place = aPlace();
    const digest = ownedDigest(await applied(place, { a: "1" }));

    await kube().request("PATCH", place.path, {
      body: { data: { a: "2" } },
      contentType: "application/merge-patch+json",
    });

    expect(ownedDigest(await kube().request("GET", place.path))).not.toBe(digest);
  });

  it("is refused where somebody else wants another value, and taken by force", async () => {
    const place = aPlace();
    await applied(place, { a: "1" }, "somebody");

    const [asked, forced] = [await apply(place, { a: "2" }), await apply(place, { a: "2" }, { force: true })];

    expect(asked).toMatchObject({
      status: 409,
      json: {
        reason: "Conflict",
        message: expect.stringMatching(/^Apply failed with 1 conflict: conflict with "somebody": \.data\.a$/),
        details: {
          causes: [{ reason: "FieldManagerConflict", message: 'conflict with "somebody"', field: ".data.a" }],
        },
      },
    });
    expect(forced).toMatchObject({ status: 200, json: { data: { a: "2" } } });
  });

  it("may be wanted by two alike", async () => {
    const place = aPlace();
    await applied(place, { a: "1" }, "somebody");

    expect((await apply(place, { a: "1" })).status).toBe(200);
  });

  it("needs a namespace that is there", async () => {
    const path = "/api/v1/namespaces/contract-nowhere/configmaps/a";
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "contract-nowhere" } };

    await expect(kube().apply(path, object, { fieldManager })).rejects.toMatchObject({
      code: "kube",
      detail: { because: `the API server knows no resource at ${path}` },
    });
  });

  it("needs somebody who applies it", async () => {
    const answer = await apply(aPlace(), { a: "1" }, { manager: undefined });

    expect(answer).toMatchObject({
      status: 422,
      json: { reason: "Invalid", message: expect.stringMatching(/fieldManager: Required value/) },
    });
  });
});

describe("A list within an object that is applied", () => {
  it("is merged by what tells its items apart", async () => {
    const place = aPlace("services");
    const ports = (...list: object[]) => ({ spec: { ports: list, clusterIP: "None" } });
    const [web, other] = [
      { name: "web", port: 80 },
      { name: "other", port: 81 },
    ];
    await applyObject(place, { apiVersion: "v1", kind: "Service", ...ports(web, other) });

    const { json } = await applyObject(place, { apiVersion: "v1", kind: "Service", ...ports(other) });

    expect(json?.spec).toMatchObject({ ports: [expect.objectContaining({ port: 81, name: "other" })] });
    expect((json as { spec: { ports: unknown[] } }).spec.ports).toHaveLength(1);
  });
});

interface Place {
  readonly name: string;
  readonly path: string;
}

let made = 0;

/** Of an object that goes with the test. */
function aPlace(plural = "configmaps"): Place {
  made += 1;
  const name = `contract-applied-${made}`;
  const path = `/api/v1/namespaces/default/${plural}/${name}`;
  onTestFinished(async () => kube().delete(path));
  return { name, path };
}

async function applied(
  { name, path }: Place,
  data: Record<string, string>,
  manager = fieldManager,
): Promise<ConfigMap> {
  const object: ConfigMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data };
  return kube().apply(path, object, { fieldManager: manager });
}

const apply = async (place: Place, data: object, options: Options = {}) =>
  applyObject(place, { apiVersion: "v1", kind: "ConfigMap", data }, options);

interface Options {
  readonly manager?: string | undefined;
  readonly force?: boolean;
}

async function applyObject({ name, path }: Place, object: object, options: Options = {}) {
  const { manager = "manager" in options ? undefined : fieldManager, force = false } = options;
  const query = `force=${force}${manager === undefined ? "" : `&fieldManager=${manager}`}`;
  const tls = { ...clientOf(here().certificates, "kube-admin"), host: "127.0.0.1" };
  const body = JSON.stringify({ metadata: { name, namespace: "default" }, ...object });
  const headers = { "Content-Type": "application/apply-patch+yaml" };
  return raw(6443, { method: "PATCH", path: `${path}?${query}`, body, headers }, { tls });
}
