import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { mendedInputs } from "../golden/differences.ts";
import { invalidVectors, type Json, peerCertificates, validVectors, vector } from "../support/vectors.ts";
import { manyNodes, threeNodes } from "../unit/cli/world.ts";
import { compile, end, exitOf, inOneProcess, run, start } from "./compiled.ts";

const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-cli-"));
const bigFile = join(folder, "big.yml");

beforeAll(() => {
  compile();
  writeFileSync(bigFile, manyNodes(120));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** A vector's input, as a file, with the facts of its engines where it has some. */
function fileOf(name: string): readonly string[] {
  const { docker } = vector(name);
  const file = join(__dirname, "../vectors", name, "cluster.yml");
  return Object.keys(docker).length === 0 ? [file] : [file, "--docker", file.replace("cluster.yml", "docker.json")];
}

describe("pulumi-rke validate", () => {
  it.each(invalidVectors)("refuses %s, says where on standard error, and nothing else", async (name) => {
    const { code, out, err } = await inOneProcess(["validate", ...fileOf(name)]);

    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^\S+cluster\.yml(:\d+:\d+)?: error: (\S+: |The indentation does not fit)/);
  });

  it.each(validVectors.filter((name) => mendedInputs[name] === undefined))("accepts %s", async (name) => {
    const { code, out } = await inOneProcess(["validate", ...fileOf(name)]);

    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/cluster\.yml is valid: \d+ nodes?, Kubernetes v1\.\d+\.\d+/),
    ]);
  });

  it("is the same as a process of its own", async () => {
    const args = ["validate", ...fileOf("invalid-no-etcd")];

    expect(await run(args)).toEqual(await inOneProcess(args));
  });

  it("reads the standard input, also when it comes in pieces", async () => {
    const child = start(["validate", "-"]);
    child.stdin.write(threeNodes.slice(0, 60));
    await setImmediate();
    child.stdin.end(threeNodes.slice(60));

    expect(await end(child)).toEqual({ code: 0, out: expect.stringMatching(/^- is valid: 3 nodes/), err: "" });
  });

  it.each([
    ["a file that is not there", ["gone.yml"], 'Cannot read "gone.yml": there is no such file'],
    ["a directory", ["."], 'Cannot read ".": it is a directory'],
    ["a file below a file", ["package.json/x"], 'Cannot read "package.json/x": a part of its path is no directory'],
  ])("says in one line that it cannot read %s", async (_, args, reason) => {
    expect(await run(["validate", ...args])).toEqual({ code: 1, out: "", err: `pulumi-rke: ${reason}\n` });
  });

  it("finds nothing in an empty standard input", async () => {
    const { code, err } = await run(["validate", "-"]);

    expect([code, err]).toEqual([1, expect.stringContaining("-: error: nodes: No node is given")]);
  });
});

describe("pulumi-rke", () => {
  it("ends with 2 when the command line is not right", async () => {
    expect((await run(["frobnicate"])).code).toBe(2);
  });

  it("finds its version in the package", async () => {
    expect((await run(["--version"])).out).toMatch(/^\d+\.\d+\.\d+/);
  });

  it("works from everywhere", async () => {
    mkdirSync(join(folder, "here"));
    writeFileSync(join(folder, "here/c.yml"), threeNodes);

    expect((await run(["validate", join(folder, "here/c.yml")])).code).toBe(0);
  });
});

describe("pulumi-rke plan", () => {
  it("goes quietly when its reader has seen enough", async () => {
    const child = start(["plan", bigFile, "--json"]);
    let err = "";
    child.stderr.on("data", (text) => {
      err += text;
    });

    child.stdout.once("data", () => child.stdout.destroy());

    expect([await exitOf(child), err]).toEqual([0, ""]);
  });

  it.each([
    ["a pipe", []],
    ["a pipe that does not block", ["--import", "data:text/javascript,process.stdout"]],
  ])("writes all of its JSON into %s whose reader is slow", async (_, node) => {
    const child = start(["plan", bigFile, "--json"], { node });
    const exit = exitOf(child);
    // Nothing is read before another process has come and gone: the pipe is full by then.
    await run(["--version"]);

    let text = "";
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      text += chunk;
      await setImmediate();
    }

    expect(text.length).toBeGreaterThan(500_000);
    expect(JSON.parse(text).nodes).toHaveLength(123);
    expect(await exit).toBe(0);
  });

  it("makes the certificates that RKE makes, in RKE's form", async () => {
    const { code, out } = await run(["plan", ...fileOf("three-all-in-one"), "--certs", "--json"]);

    const { rkeVersion, certificates } = JSON.parse(out);
    const peers = peerCertificates("three-all-in-one");
    const names = (described: Json) => Object.keys(described).sort();
    expect([code, rkeVersion]).toEqual([0, peers.rkeVersion]);
    expect(names(certificates)).toEqual(names(peers.certificates));
    expect(certificates["kube-apiserver"].certificate).toEqual(peers.certificates["kube-apiserver"].certificate);
  });

  it("shows the certificates of one node only where one is named", async () => {
    const { out } = await run(["plan", "-", "--certs", "--node", "worker-2"], { input: threeNodes });

    const names = out.split("\n").map((line) => line.split(" ", 1)[0]);
    expect(names).toEqual(["CERTIFICATE", "kube-ca", "kube-proxy", "kube-node", ""]);
  });

  it("prints no key and no certificate, neither its own nor those of an external etcd", async () => {
    const { code, out, err } = await run(["plan", ...fileOf("etcd-external"), "--certs", "--json"]);

    expect(code).toBe(0);
    expect(out + err).not.toMatch(/BEGIN|LS0t|[A-Za-z0-9+/]{60}/);
  });
});
