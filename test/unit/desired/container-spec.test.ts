import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  type ContainerSpec,
  comparableDigest,
  differingParts,
  specHash,
} from "../../../provider/desired/container-spec.ts";

const aSpec = (changes: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: "etcd",
  image: "rancher/etcd:v3.5.16",
  cmd: ["/usr/local/bin/etcd", "--name=etcd-a", "--data-dir=/data"],
  env: ["A=1", "B=2"],
  binds: ["/a:/a", "/b:/b:ro"],
  labels: { one: "1", two: "2" },
  ...changes,
});

describe("specHash()", () => {
  it.each([
    ["env", { env: ["B=2", "A=1"] }],
    ["binds", { binds: ["/b:/b:ro", "/a:/a"] }],
    ["labels", { labels: { two: "2", one: "1" } }],
    ["flags behind the program", { cmd: ["/usr/local/bin/etcd", "--data-dir=/data", "--name=etcd-a"] }],
  ])("specHash() does not change with the order of %s", (_, changes) => {
    expect(specHash(aSpec(changes))).toBe(specHash(aSpec()));
  });

  it("specHash() does not change with the order of the parts", () => {
    const spec = aSpec();
    const reversed = Object.fromEntries(Object.entries(spec).reverse()) as unknown as ContainerSpec;

    expect(specHash(reversed)).toBe(specHash(spec));
  });

  it.each<[string, Partial<ContainerSpec>]>([
    ["name", { name: "other" }],
    ["image", { image: "rancher/etcd:v3.5.17" }],
    ["program", { cmd: ["/bin/etcd", "--name=etcd-a", "--data-dir=/data"] }],
    ["value of a flag", { cmd: ["/usr/local/bin/etcd", "--name=etcd-b", "--data-dir=/data"] }],
    ["number of flags", { cmd: ["/usr/local/bin/etcd", "--name=etcd-a"] }],
    ["entrypoint", { entrypoint: ["/bin/sh"] }],
    ["env", { env: ["A=1", "B=3"] }],
    ["binds", { binds: ["/a:/a", "/b:/b"] }],
    ["volumesFrom", { volumesFrom: ["service-sidekick"] }],
    ["networkMode", { networkMode: "host" }],
    ["pidMode", { pidMode: "host" }],
    ["restartPolicy", { restartPolicy: "always" }],
    ["privileged", { privileged: true }],
    ["user", { user: "1000:1000" }],
    ["securityOpt", { securityOpt: ["label=type:rke_container_t"] }],
    ["labels", { labels: { one: "1", two: "3" } }],
  ])("specHash() changes with the %s", (_, changes) => {
    expect(specHash(aSpec(changes))).not.toBe(specHash(aSpec()));
  });

  it.each([
    ["a subcommand", ["tool", "save", "now"], ["tool", "now", "save"]],
    ["words behind flags", ["tool", "--name", "a", "--to", "b"], ["tool", "--name", "b", "--to", "a"]],
    ["values of one flag", ["tool", "--v=1", "--v=2"], ["tool", "--v=2", "--v=1"]],
  ])("specHash() changes with the order of %s", (_, cmd, other) => {
    expect(specHash(aSpec({ cmd }))).not.toBe(specHash(aSpec({ cmd: other })));
  });

  it("specHash() changes with the order of a variable that is given twice, because the last one counts", () => {
    expect(specHash(aSpec({ env: ["A=1", "A=2"] }))).not.toBe(specHash(aSpec({ env: ["A=2", "A=1"] })));
  });

  it("specHash() tells one word with a separator from two words", () => {
    expect(specHash(aSpec({ env: ["A=1,B=2"] }))).not.toBe(specHash(aSpec({ env: ["A=1", "B=2"] })));
  });

  it("specHash() is what it was when clusters were made with it: a change replaces every container of every cluster", () => {
    expect(specHash(aSpec())).toMatchInlineSnapshot(`"826f552a0bcf1bebd53d3d34673151f0"`);
  });

  it("specHash() does not depend on the order of flags, whatever they are", () => {
    const flag = fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.string()).map(([name, value]) => `--${name}=${value}`);
    const distinctFlags = fc.uniqueArray(flag, { selector: (word) => word.split("=", 1)[0], maxLength: 10 });

    fc.assert(
      fc.property(distinctFlags, (flags) => {
        const forwards = specHash(aSpec({ entrypoint: ["entrypoint.sh", "kubelet", ...flags] }));
        expect(specHash(aSpec({ entrypoint: ["entrypoint.sh", "kubelet", ...flags.toReversed()] }))).toBe(forwards);
      }),
    );
  });
});

describe("specHash() of etcd", () => {
  const member = (...flags: readonly string[]) => aSpec({ cmd: ["/usr/local/bin/etcd", "--name=etcd-a", ...flags] });

  it("specHash() does not change when members come or go: a member reads the list at its first start only", () => {
    const first = member("--initial-cluster=a=https://10.0.0.1:2380", "--initial-cluster-state=new");
    const later = member("--initial-cluster=a=https://10.0.0.1:2380,b=…", "--initial-cluster-state=existing");

    expect(specHash(later)).toBe(specHash(first));
  });

  it("specHash() changes with flags whose names only begin alike", () => {
    expect(specHash(member("--initial-cluster-token=b"))).not.toBe(specHash(member("--initial-cluster-token=a")));
  });

  it("specHash() passes over these flags for etcd only", () => {
    const other = (state: string) => aSpec({ name: "other", cmd: ["x", `--initial-cluster-state=${state}`] });

    expect(specHash(other("existing"))).not.toBe(specHash(other("new")));
  });
});

describe("lists of machines", () => {
  const spec = (servers: string, hosts: string): ContainerSpec =>
    aSpec({ cmd: ["kube-apiserver", `--etcd-servers=${servers}`, "--v=2"], env: [`CP_HOSTS=${hosts}`] });
  const [servers, hosts] = ["https://10.0.0.1:2379,https://10.0.0.2:2379", "10.0.0.1,10.0.0.2"];
  const reversed = spec("https://10.0.0.2:2379,https://10.0.0.1:2379", "10.0.0.2,10.0.0.1");

  it.each([
    ["specHash()", specHash],
    ["comparableDigest()", comparableDigest],
  ])("%s does not change with their order, and does with the machines", (_, digestOf) => {
    const digest = digestOf(spec(servers, hosts));

    expect(digestOf(reversed)).toBe(digest);
    expect(digestOf(spec(servers, `${hosts},10.0.0.3`))).not.toBe(digest);
    expect(digestOf(spec(`${servers},https://10.0.0.3:2379`, hosts))).not.toBe(digest);
  });

  it("differingParts() finds no difference in their order", () => {
    expect(differingParts(reversed, spec(servers, hosts))).toEqual([]);
  });

  it("specHash() changes with the order of other lists: of ciphers the first is preferred", () => {
    const ciphers = (list: string) => aSpec({ cmd: ["x", `--tls-cipher-suites=${list}`] });

    expect(specHash(ciphers("a,b"))).not.toBe(specHash(ciphers("b,a")));
  });
});

describe("comparableDigest()", () => {
  it("comparableDigest() takes every list for a set, as RKE does", () => {
    const spec = aSpec({ entrypoint: ["a", "--v=1", "--v=2"] });
    const other = aSpec({ entrypoint: ["--v=2", "--v=1", "a", "a"], env: ["B=2", "A=1", "A=1"] });

    expect(comparableDigest(other)).toBe(comparableDigest(spec));
  });

  it("comparableDigest() takes no list for an empty one", () => {
    const spec: ContainerSpec = { name: "x", image: "y" };

    expect(comparableDigest({ ...spec, env: [], binds: [] })).toBe(comparableDigest(spec));
  });

  it.each<[string, Partial<ContainerSpec>]>([
    ["image", { image: "other:v1" }],
    ["entrypoint", { entrypoint: ["x"] }],
    ["cmd", { cmd: ["x"] }],
    ["env", { env: ["A=2"] }],
    ["binds", { binds: ["/a:/a"] }],
    ["securityOpt", { securityOpt: ["label=type:rke_container_t"] }],
  ])("comparableDigest() changes with the %s", (_, changes) => {
    expect(comparableDigest(aSpec(changes))).not.toBe(comparableDigest(aSpec()));
  });

  it.each<[string, Partial<ContainerSpec>]>([
    ["labels", { labels: {} }],
    ["user", { user: "1:1" }],
    ["networkMode", { networkMode: "host" }],
    ["privileged", { privileged: true }],
    ["restartPolicy", { restartPolicy: "always" }],
  ])("comparableDigest() passes over the %s, as RKE does", (_, changes) => {
    expect(comparableDigest(aSpec(changes))).toBe(comparableDigest(aSpec()));
  });
});

describe("differingParts()", () => {
  it("differingParts() names what differs, also what only one of the two has", () => {
    const before = aSpec({ user: "1:1" });
    const after = aSpec({ image: "other:v1", privileged: true });

    expect(differingParts(before, after)).toEqual(["image", "privileged", "user"]);
  });

  it("differingParts() passes over an order that means nothing", () => {
    const before = aSpec({ image: "other:v1" });
    const after = aSpec({ env: ["B=2", "A=1"], binds: ["/b:/b:ro", "/a:/a"], labels: { two: "2", one: "1" } });

    expect(differingParts(before, after)).toEqual(["image"]);
  });
});
