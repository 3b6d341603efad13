import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";

import type { RkeError } from "../../../provider/errors.ts";
import { Secret } from "../../../provider/secrets.ts";
import type { S3Limits } from "../../../provider/snapshots/s3-client.ts";
import type { S3Settings } from "../../../provider/snapshots/s3-settings.ts";
import { s3Store } from "../../../provider/snapshots/s3-store.ts";
import { anS3Server, type S3ServerOptions } from "../../fleet/s3-server.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { aFolder, sha256Of } from "./world.ts";

interface World extends S3ServerOptions {
  readonly settings?: Partial<S3Settings>;
  readonly limits?: Partial<S3Limits>;
}

async function aWorld({ settings, limits, ...options }: World = {}) {
  const server = await anS3Server(options);
  onTestFinished(() => server.close());
  const folder = await aFolder();
  const whole: S3Settings = {
    endpoint: server.endpoint,
    bucketName: "backups",
    folder: "prod",
    accessKey: "AKIATEST",
    secretKey: new Secret("secret/of+AKIATEST"),
    customCa: server.ca,
    ...settings,
  };
  const store = s3Store(whole, { idleMs: 1000, attempts: 3, ...limits });
  const fileOf = async (content: Buffer, name = "source") => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  return { server, store, folder, fileOf, back: join(folder, "back") };
}

const small = Buffer.from("an archive ".repeat(1000));
const smallSum = sha256Of(small);
/** Three parts, the last one smaller. */
const large = Buffer.alloc(20 * 1024 * 1024, "a large archive, ");
const largeSum = sha256Of(large);

const failure = (work: Promise<unknown>): Promise<RkeError> =>
  work.then(
    () => Promise.reject(new Error("it has not failed")),
    (error: RkeError) => error,
  );

describe("s3Store()", () => {
  it.each([
    ["HTTP", { https: false }],
    ["HTTPS, signed by an authority of its own", { https: true }],
  ])("keeps what it is given, and gives it back, over %s", async (_, options) => {
    const { server, store, fileOf, back } = await aWorld(options);

    await store.put("a.zip", await fileOf(small), { sha256: smallSum });
    const found = await store.get("a.zip", back);

    expect([...server.objects.keys()]).toEqual(["backups/prod/a.zip"]);
    expect(found).toEqual({ sizeBytes: small.length, sha256: smallSum, modifiedAt: expect.any(Date) });
    expect(await readFile(back)).toEqual(small);
    expect((await stat(back)).mode & 0o777).toBe(0o600);
    expect(await store.find("a.zip")).toEqual(found);
  });

  it("uploads large files in parts, a few at a time", async () => {
    const { server, store, fileOf, back } = await aWorld();
    const content = Buffer.concat([large, large]);
    server.fault({ when: /partNumber/, times: 99, how: { delayMs: 50 } });

    await store.put("a.zip", await fileOf(content), { sha256: sha256Of(content) });

    expect(server.requests.filter((line) => line.includes("partNumber"))).toHaveLength(5);
    expect(server.mostBytesAtOnce()).toBeLessThanOrEqual(3 * 8 * 1024 * 1024);
    expect(server.uploads.size).toBe(0);
    expect(await store.get("a.zip", back)).toMatchObject({ sizeBytes: content.length });
    expect((await readFile(back)).equals(content)).toBe(true);
  });

  it("names its place, whatever slashes the folder has", async () => {
    const { store } = await aWorld({ settings: { folder: "/a/b/" } });
    const { store: without } = await aWorld({ settings: { folder: undefined } });

    expect([store.place, without.place]).toEqual(["s3://backups/a/b", "s3://backups"]);
  });

  it("never replaces another archive", async () => {
    const { server, store, fileOf } = await aWorld();
    server.put("backups/prod/a.zip", "somebody's");

    expect(await failure(store.put("a.zip", await fileOf(small), { sha256: smallSum }))).toMatchObject({
      code: "storage",
      detail: { because: "another snapshot of that name is there, and none is ever replaced" },
    });
    expect(String(server.objects.get("backups/prod/a.zip")?.content)).toBe("somebody's");
  });

  it.each([
    ["small", small, smallSum, /^PUT \S+a\.zip/],
    ["large", large, largeSum, /^PUT \S+partNumber=3/],
  ])("never replaces one that came while a %s one was uploaded", async (_, content, sha256, when) => {
    const { server, store, fileOf } = await aWorld();
    server.fault({ when, how: { delayMs: 300 } });

    const putting = failure(store.put("a.zip", await fileOf(content), { sha256 }));
    while (!server.requests.some((line) => when.test(line))) await new Promise(setImmediate);
    server.put("backups/prod/a.zip", "somebody's");

    expect((await putting).detail.because).toContain("another snapshot of that name");
    expect(String(server.objects.get("backups/prod/a.zip")?.content)).toBe("somebody's");
    expect(server.uploads.size).toBe(0);
  });

  it.each([
    ["ignored", small, smallSum],
    ["not implemented", small, smallSum],
    ["not implemented", large, largeSum],
  ] as const)("gets along with stores where conditions are %s", async (conditions, content, sha256) => {
    const { store, fileOf } = await aWorld({ conditions });

    await store.put("a.zip", await fileOf(content), { sha256 });

    expect(await store.find("a.zip")).toMatchObject({ sha256 });
  });

  it("has nothing to do for the archive that is there already", async () => {
    const { server, store, fileOf } = await aWorld();
    const file = await fileOf(small);
    await store.put("a.zip", file, { sha256: smallSum });
    const before = server.requests.length;

    await store.put("a.zip", file, { sha256: smallSum });

    expect(server.requests.slice(before)).toEqual(["HEAD /backups/prod/a.zip"]);
  });

  it("lists what lies in its folder, page by page, newest first, and nothing of a neighbour", async () => {
    const { server, store } = await aWorld({ pageSize: 2 });
    for (const [index, name] of ["c.zip", "a & b.zip", "d.zip", "plain", "e.zip"].entries()) {
      server.put(`backups/prod/${name}`, "12345", { modifiedAt: new Date(index * 86_400_000) });
    }
    for (const other of ["prod-2/x.zip", "prod/sub/x.zip", "prodx.zip", "x.zip"]) server.put(`backups/${other}`, "");

    const listed = await store.list();

    expect(listed.map(({ name }) => name)).toEqual(["e.zip", "plain", "d.zip", "a & b.zip", "c.zip"]);
    expect(listed[0]).toEqual({ name: "e.zip", sizeBytes: 5, modifiedAt: new Date(4 * 86_400_000) });
  });

  it("lists a bucket without a folder", async () => {
    const { server, store } = await aWorld({ settings: { folder: "" } });
    server.put("backups/a.zip", "1");
    server.put("backups/prod/b.zip", "1");

    expect((await store.list()).map(({ name }) => name)).toEqual(["a.zip"]);
  });

  it("deletes by the exact name", async () => {
    const { server, store } = await aWorld();
    const others = ["prod/prod.zip2", "prod/prod-2.zip", "prod-2/prod.zip", "prod.zip"];
    for (const key of ["prod/prod.zip", ...others]) server.put(`backups/${key}`, "1");

    await store.remove("prod.zip");
    await store.remove("prod.zip");

    expect([...server.objects.keys()]).toEqual(others.map((key) => `backups/${key}`));
  });

  it("says when there is none", async () => {
    const { store, back } = await aWorld();

    expect(await store.find("a.zip")).toBeUndefined();
    expect(await store.get("a.zip", back)).toBeUndefined();
    expect(await store.list()).toEqual([]);
  });

  it("gives nothing back that has changed since, and leaves no file of it", async () => {
    const { server, store, back } = await aWorld();
    server.put("backups/prod/a.zip", "changed", { metadata: { sha256: smallSum } });

    expect((await failure(store.get("a.zip", back))).detail.because).toContain("it is not what was stored");
    await expect(stat(back)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("never writes over a file", async () => {
    const { server, store, fileOf } = await aWorld();
    server.put("backups/prod/a.zip", "content");
    const file = await fileOf(small);

    expect(await failure(store.get("a.zip", file))).toMatchObject({
      detail: { because: "there is a file of that name" },
    });
    expect(await readFile(file)).toEqual(small);
  });

  it("refuses names that would lead elsewhere", async () => {
    const { server, store } = await aWorld();

    expect(await failure(store.remove("../other/a.zip"))).toMatchObject({ code: "config" });
    expect(server.requests).toEqual([]);
  });
});

describe("s3Store().check()", () => {
  it("tries all that will be needed, and leaves nothing behind", async () => {
    const { server, store } = await aWorld();
    server.put("backups/prod/a.zip", "kept");

    await store.check();

    expect([...server.objects.keys()]).toEqual(["backups/prod/a.zip"]);
    const deeds = server.requests.map((line) => line.replace(/check-[0-9a-f]{16}/, "check"));
    expect([...new Set(deeds)]).toEqual([
      "HEAD /backups/prod/.pulumi-rke-check",
      "GET /backups/prod/.pulumi-rke-check?x-id=GetObject",
      "PUT /backups/prod/.pulumi-rke-check?x-id=PutObject",
      "DELETE /backups/prod/.pulumi-rke-check?x-id=DeleteObject",
    ]);
  });

  const answers: [string, World, RegExp, RegExp][] = [
    [
      "a key that the store does not know",
      { settings: { accessKey: "AKIAOTHER" } },
      /403 InvalidAccessKeyId "The AWS Access Key Id you provided/,
      /Check accessKey and secretKey/,
    ],
    [
      "a secret that does not belong to the key",
      { settings: { secretKey: new Secret("wrong") } },
      /403 SignatureDoesNotMatch/,
      /Check accessKey and secretKey/,
    ],
    ["a bucket that is not there", { buckets: [] }, /404 NoSuchBucket/, /Make the bucket backups first/],
    [
      "half a pair of keys",
      { settings: { secretKey: undefined } },
      /the access key has no secret key/,
      /Give both; or none/,
    ],
    [
      "an endpoint where nobody listens",
      { settings: { endpoint: "http://127.0.0.1:1" } },
      /there is no connection to http:\/\/127\.0\.0\.1:1: connect ECONNREFUSED/,
      /Check the endpoint "http:\/\/127\.0\.0\.1:1"/,
    ],
    [
      "an endpoint that no DNS knows",
      { settings: { endpoint: "s3.invalid" } },
      /there is no connection to s3\.invalid: getaddrinfo (ENOTFOUND|EAI_AGAIN)/,
      /Check the endpoint "s3\.invalid"/,
    ],
    [
      "a certificate of an unknown authority",
      { https: true, settings: { customCa: undefined } },
      /unable to verify the first certificate|self-signed certificate/,
      /Give the authority of the store as customCa/,
    ],
    [
      "the certificate of another authority",
      { https: true, settings: { customCa: testAuthority("other").cert } },
      /unable to verify the first certificate|self-signed certificate/,
      /Give the authority of the store as customCa/,
    ],
    ["an authority that is none", { https: true, settings: { customCa: "hello" } }, /cannot be read/, /PEM/],
  ];

  it.each(answers)("says what is wrong with %s", async (_, world, because, hint) => {
    const { store } = await aWorld(world);

    const { detail } = await failure(store.check());

    expect(detail.because).toMatch(because);
    expect(detail.hint).toMatch(hint);
  });

  it.each([
    [/^PUT /, "AccessDenied"],
    [/^DELETE /, "AccessDenied"],
    [/^GET \S+check-\w+\?x-id=GetObject$/, "AccessDenied"],
  ])("finds out that keys may not do %s", async (when, code) => {
    const { server, store } = await aWorld();
    server.fault({ when, times: 9, how: { answer: [403, code, "Access Denied"] } });

    const { detail } = await failure(store.check());

    expect(detail).toMatchObject({
      because: 'the store answered 403 AccessDenied "Access Denied"',
      hint: expect.stringContaining("s3:DeleteObject"),
    });
  });

  it("gets along with a clock that is wrong by hours", async () => {
    const { store } = await aWorld({ clockOffsetMs: 5 * 3_600_000 });

    await store.check();
  });

  it("says so when the store does not take the time it names itself", async () => {
    const { server, store } = await aWorld();
    server.fault({
      when: /./,
      times: 99,
      how: { answer: [403, "RequestTimeTooSkewed", "The difference is too large."] },
    });

    expect((await failure(store.check())).detail.hint).toMatch(/Set the clock of the machine that runs Pulumi/);
  });

  it.each([
    [404, "XAdminUserNotFound", /Check accessKey and secretKey/],
    [400, "ExpiredToken", /temporary ones have come to their end/],
    [400, "AuthorizationHeaderMalformed", /Set the region that the bucket lies in/],
  ])("knows what to do about %i %s", async (status, code, hint) => {
    const { server, store } = await aWorld();
    server.fault({ when: /./, times: 99, how: { answer: [status, code, "As it says."] } });

    expect((await failure(store.check())).detail).toMatchObject({
      because: `the store answered ${status} ${code} "As it says."`,
      hint: expect.stringMatching(hint),
    });
  });

  it("prints no key, whatever the store says back", async () => {
    const { server, store } = await aWorld();
    server.fault({ when: /./, times: 99, how: { answer: [400, "Odd", "You sent AKIATEST and secret/of+AKIATEST"] } });

    const error = await failure(store.check());

    const printed = [error.message, inspect(error, { depth: 9 }), JSON.stringify(error)].join("\n");
    expect(printed).toContain("You sent [redacted] and [redacted]");
    expect(printed).not.toContain("AKIATEST");
  });
});

describe("s3Store() on a bad day", () => {
  it.each([
    ["answers 503 for a while", { answer: [503, "SlowDown", "Please reduce your request rate."] }],
    ["hangs up before it has heard all", { reset: "before" }],
    ["does it, and hangs up before it says so", { reset: "after" }],
    ["goes silent", "silence"],
  ] as const)("stores an archive when the store %s", async (_, how) => {
    const { server, store, fileOf } = await aWorld();
    server.fault({ when: /^PUT/, how });

    await store.put("a.zip", await fileOf(small), { sha256: smallSum });

    expect(server.objects.get("backups/prod/a.zip")?.content.equals(small)).toBe(true);
  });

  it.each([
    [/partNumber=2/, { answer: [500, "InternalError", "We encountered an internal error."] }],
    [/partNumber=2/, { reset: "before" }],
    [/partNumber=1/, { reset: "after" }],
    [/partNumber=3/, "silence"],
    [/^POST \S+uploadId/, { reset: "after" }],
  ] as const)("stores a large archive when %s meets %j", async (when, how) => {
    const { server, store, fileOf } = await aWorld();
    server.fault({ when, how });

    await store.put("a.zip", await fileOf(large), { sha256: largeSum });

    expect(server.objects.get("backups/prod/a.zip")?.content.equals(large)).toBe(true);
    expect(server.uploads.size).toBe(0);
  });

  it("takes back what it has uploaded when a part fails for good, and stops the others", async () => {
    const { server, store, fileOf } = await aWorld();
    server.fault({ when: /partNumber=1&/, times: 9, how: { answer: [400, "QuotaExceeded", "The quota is used up."] } });
    server.fault({ when: /partNumber=[23]&/, times: 9, how: "silence" });
    const startedAt = Date.now();

    const error = await failure(store.put("a.zip", await fileOf(large), { sha256: largeSum }));

    expect(error.detail).toMatchObject({
      because: 'the store answered 400 QuotaExceeded "The quota is used up."',
      hint: "Make room in the store, or raise its limit",
    });
    expect([server.uploads.size, server.objects.size]).toEqual([0, 0]);
    expect(server.requests.filter((line) => line.startsWith("DELETE"))).toHaveLength(1);
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  it("stops at once when it is told to, and takes back what it has uploaded", async () => {
    const { server, store, fileOf } = await aWorld({ limits: { idleMs: 60_000 } });
    server.fault({ when: /partNumber=2/, how: "silence" });
    const stop = new AbortController();
    const reason = new Error("somebody pressed Ctrl-C");

    const putting = failure(store.put("a.zip", await fileOf(large), { sha256: largeSum, signal: stop.signal }));
    while (!server.requests.some((line) => line.includes("partNumber=2"))) await new Promise(setImmediate);
    stop.abort(reason);

    expect(await putting).toBe(reason);
    expect(server.uploads.size).toBe(0);
  });

  it("ends what a run that was killed has left of the same key, and nothing else", async () => {
    const { server, store, fileOf } = await aWorld();
    server.begin("backups/prod/a.zip");
    const other = server.begin("backups/prod/a.zip2");

    await store.put("a.zip", await fileOf(large), { sha256: largeSum });

    expect([...server.uploads.keys()]).toEqual([other]);
  });

  it("does not take what arrived for what was sent", async () => {
    const { server, store, fileOf } = await aWorld();
    const keep = server.objects.set.bind(server.objects);
    server.objects.set = (path, object) => keep(path, { ...object, content: object.content.subarray(1) });

    const putting = store.put("a.zip", await fileOf(small), { sha256: smallSum });

    expect((await failure(putting)).detail.because).toContain("what arrived is not what was sent");
  });

  it.each([
    ["hangs up", "reset", true],
    ["goes silent", "silence", true],
    ["hangs up, and cannot send the rest alone", "reset", false],
  ] as const)("fetches an archive when the store %s half-way", async (_, half, ranges) => {
    const { server, store, back } = await aWorld({ ranges });
    server.put("backups/prod/a.zip", large, { metadata: { sha256: largeSum } });
    server.fault({ when: /^GET/, times: 2, how: { half } });

    await store.get("a.zip", back);

    expect((await readFile(back)).equals(large)).toBe(true);
  });

  it("gives up when nothing more comes, and leaves no file", async () => {
    const { server, store, back, folder } = await aWorld({ limits: { attempts: 2 } });
    server.put("backups/prod/a.zip", large);
    server.fault({ when: /^GET/, times: 99, how: { reset: "before" } });

    const error = await failure(store.get("a.zip", back));

    expect(error).toMatchObject({ code: "storage", transient: true });
    expect(error.detail.because).toMatch(/there is no connection to/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("fetches no other archive than the one it began with", async () => {
    const { server, store, back } = await aWorld();
    server.put("backups/prod/a.zip", large);
    server.fault({ when: /^GET/, how: { half: "silence" } });

    const getting = failure(store.get("a.zip", back));
    while (!server.requests.some((line) => line.startsWith("GET"))) await new Promise(setImmediate);
    server.put("backups/prod/a.zip", small);

    expect((await getting).detail.because).toContain("412 PreconditionFailed");
  });

  it("stops a download when it is told to, and leaves no file", async () => {
    const { server, store, back, folder } = await aWorld({ limits: { idleMs: 60_000 } });
    server.put("backups/prod/a.zip", large);
    server.fault({ when: /^GET/, how: { half: "silence" } });
    const stop = new AbortController();
    const reason = new Error("somebody pressed Ctrl-C");

    const getting = failure(store.get("a.zip", back, { signal: stop.signal }));
    while (
      !(await stat(back).then(
        ({ size }) => size > 0,
        () => false,
      ))
    )
      await new Promise(setImmediate);
    stop.abort(reason);

    expect(await getting).toBe(reason);
    expect(await readdir(folder)).toEqual([]);
  });

  it("says that the store is out when it stays so", async () => {
    const { server, store } = await aWorld();
    server.fault({ when: /./, times: 99, how: { answer: [503, "ServiceUnavailable", "Down for a moment."] } });

    expect(await failure(store.list())).toMatchObject({
      code: "storage",
      transient: true,
      message:
        'Cannot list the snapshots in s3://backups/prod: the store answered 503 ServiceUnavailable "Down for a moment."\n  Run it again in a while: the store has too much to do',
    });
  });

  it("gives up a store that takes the connection and says nothing", async () => {
    const { server, store } = await aWorld({ limits: { idleMs: 200, attempts: 2 } });
    server.fault({ when: /./, times: 99, how: "silence" });

    expect((await failure(store.find("a.zip"))).detail.because).toMatch(/there is no connection to http/);
  });
});
