import { duplexPair } from "node:stream";
import { describe, expect, it } from "vitest";

import { flagsOf, labelled, program, runs } from "../../fleet/programs.ts";
import { rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { unzipped } from "../../fleet/zip.ts";
import { ask, testFleet, testMachine } from "./clients.ts";

const authority = testAuthority();

describe("flagsOf()", () => {
  it("reads every way to write a flag", () => {
    const flags = flagsOf(["etcd", "--name=a", "--data-dir", "/var", "--bare", "--empty=", "-s=1"]);

    expect(Object.fromEntries(flags)).toEqual({ name: "a", "data-dir": "/var", bare: "true", empty: "", s: "1" });
  });
});

describe("program()", () => {
  it("lets a test say what its own helper does, by a label", async () => {
    const helper = program("helper", labelled("step", "greet"), ({ env, files }) => {
      files.write("/host/greeting", env.WORDS ?? "");
      return 0;
    });
    const { machine } = await testMachine({ images: ["tool:1"], programs: [helper] });

    const HostConfig = { Binds: ["/srv:/host"] };
    machine
      .create({ name: "greet", spec: { Image: "tool:1", Labels: { step: "greet" }, Env: ["WORDS=a=b"], HostConfig } })
      .start();

    expect(machine.disk.read("/srv/greeting")?.toString()).toBe("a=b");
  });

  it("asks the programs of the test before the built-in ones", async () => {
    const own = program("own etcd", runs("etcd"), () => 42);
    const { machine } = await testMachine({ images: ["etcd:1"], programs: [own] });
    const container = machine.create({ name: "etcd", spec: { Image: "etcd:1", Cmd: ["/usr/local/bin/etcd"] } });

    container.start();
    await container.until(() => container.status === "exited");

    expect(container.exitCode).toBe(42);
  });

  it("closes its connections when it ends, and nobody else's", async () => {
    const server = program("server", runs("server"), ({ listen, argv }) => {
      listen(Number(argv[1]), { accept: () => undefined });
      return undefined;
    });
    const { machine } = await testMachine({ images: ["server:1"], programs: [server] });
    const [first, second] = [8080, 8081].map((port) => {
      const container = machine.create({
        name: `server-${port}`,
        spec: { Image: "server:1", Cmd: ["server", `${port}`] },
      });
      container.start();
      const [near] = duplexPair();
      machine.listeners.get(port)?.accept(near);
      return { container, near };
    });

    first?.container.stop();

    expect(first?.near.destroyed).toBe(true);
    expect(second?.near.destroyed).toBe(false);
  });

  it("ends with exit code 255 and a stack when the program itself is broken", async () => {
    const broken = program("broken", runs("broken"), () => {
      throw new TypeError("oops");
    });
    const { machine } = await testMachine({ images: ["tool:1"], programs: [broken] });
    const container = machine.create({ name: "broken", spec: { Image: "tool:1", Cmd: ["broken"] } });

    container.start();
    await container.until(() => container.status === "exited");

    expect([container.exitCode, container.logs[0]?.text]).toEqual([255, expect.stringContaining("TypeError: oops")]);
  });

  it("starts late when the fleet is told so", async () => {
    const { fleet, machine } = await testMachine({
      images: ["tool:1"],
      programs: [program("slow", runs("slow"), () => 0)],
    });
    fleet.faults.slowStart("slow", 5);
    const container = machine.create({ name: "slow", spec: { Image: "tool:1", Cmd: ["slow"] } });

    container.start();
    const atOnce = container.status;
    await container.until(() => container.status === "exited");

    expect(atOnce).toBe("running");
  });
});

describe("the Kubernetes components", () => {
  it.each([
    ["kubelet", "http://127.0.0.1:10248/healthz"],
    ["kube-proxy", "http://127.0.0.1:10256/healthz"],
    ["kube-controller-manager", "https://127.0.0.1:10257/healthz"],
    ["kube-scheduler", "https://localhost:10259/healthz"],
  ])("%s is healthy on its own machine only", async (_name, url) => {
    const fleet = await testFleet({ nodes: 3 });
    await rkeCluster(fleet, "three-all-in-one", { authority });
    const [here, other] = ["node-1", "node-2"].map((name) => fleet.node(name).machine);
    if (here === undefined || other === undefined) throw new Error("The fleet is too small");

    expect(await ask(here, url, { plain: url.startsWith("http:") })).toEqual({ status: 200, body: "ok" });
    await expect(ask(other, url.replace(/127.0.0.1|localhost/, "10.0.0.1"), { plain: true })).rejects.toThrow(
      "refused",
    );
  });

  it.each([
    ["kube-apiserver", "/etc/kubernetes/ssl/kube-apiserver.pem"],
    ["kube-apiserver", "/etc/kubernetes/admission.yaml"],
    ["kube-controller-manager", "/etc/kubernetes/ssl/kubecfg-kube-controller-manager.yaml"],
    ["kube-scheduler", "/etc/kubernetes/ssl/kube-scheduler.pem"],
    ["kubelet", "/etc/kubernetes/ssl/kube-ca.pem"],
    ["kube-proxy", "/etc/kubernetes/ssl/kube-proxy-key.pem"],
  ])("%s ends without %s, and says so in its last words", async (name, path) => {
    const fleet = await testFleet({ nodes: 1 });
    await rkeCluster(fleet, "single-node", { authority });
    const { machine } = fleet.node("node-1");
    const container = machine.find(name);
    container?.stop();
    machine.disk.remove(path);

    container?.start();
    await container?.until(() => container.status === "restarting");

    expect(container?.logs.at(-1)?.text).toBe(
      `E0101 00:00:00.000000       1 run.go:72] "command failed" err="open ${path}: no such file or directory"`,
    );
  });

  it("refuse a flag that their version has lost", async () => {
    const fleet = await testFleet({ nodes: 1 });
    const cluster = await rkeCluster(fleet, "single-node", { authority });
    const { machine } = fleet.node("node-1");
    const spec = cluster.spec("node-1", "kubelet");
    const Entrypoint = [...(spec.Entrypoint as string[]), "--network-plugin=cni"];
    machine.find("kubelet")?.stop();

    const container = machine.create({ name: "kubelet-2", spec: { ...spec, Entrypoint } });
    container.start();
    await container.until(() => container.logs.length > 0);

    expect(container.logs[0]?.text).toBe("Error: unknown flag: --network-plugin");
  });

  it("do not start without rke-tools' volume", async () => {
    const fleet = await testFleet({ nodes: 1 });
    const cluster = await rkeCluster(fleet, "single-node", { authority });
    const { machine } = fleet.node("node-1");
    const { HostConfig, ...spec } = cluster.spec("node-1", "kube-proxy");

    const container = machine.create({ name: "proxy-2", spec });

    expect(() => container.start()).toThrow("stat /opt/rke-tools/entrypoint.sh: no such file or directory");
    expect(HostConfig?.VolumesFrom).toEqual(["service-sidekick"]);
  });

  it("kube-apiserver ends when etcd does not answer, and comes back with it", async () => {
    const fleet = await testFleet({ nodes: 1 });
    await rkeCluster(fleet, "single-node", { authority });
    const { machine } = fleet.node("node-1");
    const [etcd, api] = [machine.find("etcd"), machine.find("kube-apiserver")];
    etcd?.stop();
    api?.stop();

    api?.start();
    await api?.until(() => api.status === "restarting");
    const words = api?.logs.at(-1)?.text;
    etcd?.start();
    await expect.poll(() => machine.listeners.has(6443)).toBe(true);

    expect(words).toContain("error creating storage factory: context deadline exceeded");
  });

  it("kubelet registers its Node when an API server appears", async () => {
    const fleet = await testFleet({ nodes: 1 });
    await rkeCluster(fleet, "single-node", { authority, only: ["service-sidekick", "etcd", "kubelet"] });
    const before = fleet.journal.lines({ kind: "node registered" });

    const late = await testFleet({ nodes: 1 });
    const cluster = await rkeCluster(late, "single-node", { authority, only: ["service-sidekick", "etcd", "kubelet"] });
    const { machine } = late.node("node-1");
    const spec = cluster.spec("node-1", "kube-apiserver");
    const { preload } = await import("../../fleet/docker-images.ts");
    preload(machine, spec.Image);
    machine.create({ name: "kube-apiserver", spec }).start();
    await expect.poll(() => late.journal.lines({ kind: "node registered" })).toHaveLength(1);

    expect(before).toEqual([]);
  });
});

describe("nginx-proxy", () => {
  it("leads to the first API server that is up", async () => {
    const fleet = await testFleet({ nodes: 4 });
    const cluster = await rkeCluster(fleet, "three-all-in-one", { authority });
    const { machine } = fleet.node("node-4");
    const spec = {
      Image: "rancher/rke-tools:v0.1.114",
      Entrypoint: ["nginx-proxy"],
      HostConfig: { NetworkMode: "host" },
    };
    const hosts = "CP_HOSTS=10.0.0.1,10.0.0.2,10.0.0.3";
    machine.create({ name: "nginx-proxy", spec: { ...spec, Env: [hosts], Cmd: [hosts] } }).start();
    const version = () => ask(machine, "https://127.0.0.1:6443/version", { client: cluster.admin, ca: authority.cert });

    const first = await version();
    fleet.powerOff("node-1");

    expect([first.status, (await version()).status]).toEqual([200, 200]);
  });
});

describe("cert-deployer", () => {
  const deploy = async (env: readonly string[]) => {
    const { machine } = await testMachine();
    machine.disk.write("/etc/kubernetes/ssl/kube-ca.pem", "old");
    machine.disk.write("/etc/kubernetes/ssl/kubecfg-kube-node.yaml", "old");
    const HostConfig = { Binds: ["/etc/kubernetes:/etc/kubernetes"] };
    machine
      .create({ name: "cert-deployer", spec: { Image: "t", Cmd: ["cert-deployer"], Env: env, HostConfig } })
      .start();
    return (path: string) => machine.disk.read(`/etc/kubernetes/ssl/${path}`)?.toString();
  };

  it("writes what is missing and leaves what is there", async () => {
    const read = await deploy(["KUBE_CA=new", "KUBE_ETCD_10_0_0_1_KEY=key", "KUBECFG_KUBE_NODE=new"]);

    expect([read("kube-ca.pem"), read("kube-etcd-10-0-0-1-key.pem"), read("kubecfg-kube-node.yaml")]).toEqual([
      "old",
      "key",
      "old",
    ]);
  });

  it("replaces certificates by force, and kubeconfigs never", async () => {
    const read = await deploy(["KUBE_CA=new", "KUBECFG_KUBE_NODE=new", "FORCE_DEPLOY=true"]);

    expect([read("kube-ca.pem"), read("kubecfg-kube-node.yaml")]).toEqual(["new", "old"]);
  });
});

describe("the cleaner", () => {
  it("deletes what lies below the folders it was given", async () => {
    const { machine } = await testMachine();
    for (const path of ["/etc/cni/net.d/10.conf", "/etc/passwd"]) machine.disk.write(path, "");

    const Cmd = ["sh", "-c", "find /etc/cni/ /opt/cni/ -mindepth 1 -delete"];
    machine
      .create({ name: "kube-cleaner", spec: { Image: "t", Cmd, HostConfig: { Binds: ["/etc/cni:/etc/cni"] } } })
      .start();

    expect(machine.disk.list("/")).toEqual(["/etc/passwd"]);
  });
});

describe("rke-etcd-backup", () => {
  const files = [
    "--cacert=/etc/kubernetes/ssl/kube-ca.pem",
    "--cert=/etc/kubernetes/ssl/kube-node.pem",
    "--key=/etc/kubernetes/ssl/kube-node-key.pem",
  ];
  const HostConfig = {
    NetworkMode: "host",
    Binds: [
      "/opt/rke/etcd-snapshots/:/backup",
      "/etc/kubernetes:/etc/kubernetes",
      "/var/lib/etcd:/var/lib/rancher/etcd",
    ],
  };

  async function backup() {
    const fleet = await testFleet({ nodes: 3 });
    const cluster = await rkeCluster(fleet, "three-all-in-one", { authority, only: ["etcd"] });
    const run = async (node: string, Cmd: readonly string[]) => {
      const container = fleet
        .node(node)
        .machine.create({ name: `job-${Cmd[2]}-${Cmd.length}`, spec: { Image: "t", Cmd, HostConfig } });
      container.start();
      await container.until(() => container.status === "exited");
      return container;
    };
    const tool = (node: string, sub: string, ...rest: readonly string[]) =>
      run(node, ["/opt/rke-tools/rke-etcd-backup", "etcd-backup", sub, ...files, ...rest]);
    return { fleet, cluster, run, tool };
  }

  it("saves a snapshot that a restore brings back as a new cluster", async () => {
    const { fleet, cluster, run, tool } = await backup();
    const machines = ["node-1", "node-2", "node-3"].map((name) => fleet.node(name).machine);
    const kv = (path: string, body: object) =>
      ask(fleet.node("node-1").machine, `https://10.0.0.1:2379/v3/kv/${path}`, {
        method: "POST",
        body,
        client: cluster.admin,
      });
    await kv("put", { key: "YQ==", value: "b25l" });

    const saved = await tool("node-1", "save", "--name=snap", "--endpoints=10.0.0.1:2379", "--once");
    await kv("put", { key: "YQ==", value: "dHdv" });
    const archive = fleet.node("node-1").machine.disk.read("/opt/rke/etcd-snapshots/snap.zip") ?? Buffer.alloc(0);
    const snapshot = unzipped(archive).get("/backup/snap") ?? Buffer.alloc(0);
    for (const machine of machines) {
      machine.find("etcd")?.stop();
      for (const path of machine.disk.list("/var/lib/etcd")) machine.disk.remove(path);
      machine.disk.write("/opt/rke/etcd-snapshots/snap", snapshot);
    }
    for (const [index, machine] of machines.entries()) {
      const n = index + 1;
      const initial = [1, 2, 3].map((m) => `etcd-10.0.0.${m}=https://10.0.0.${m}:2380`).join(",");
      const flags = ["--data-dir=/var/lib/rancher/etcd/", `--name=etcd-10.0.0.${n}`, `--initial-cluster=${initial}`];
      const token = "--initial-cluster-token=etcd-cluster-1";
      await run(machine.name, ["etcdctl", "snapshot", "restore", "/backup/snap", ...flags, token]);
    }
    for (const machine of machines) machine.find("etcd")?.start();

    expect(saved.exitCode).toBe(0);
    expect((await kv("range", { key: "YQ==" })).body.kvs[0].value).toBe("b25l");
  });

  it("saves nothing from a cluster without a majority", async () => {
    const { fleet, tool } = await backup();
    for (const node of ["node-2", "node-3"]) fleet.node(node).machine.find("etcd")?.stop();

    const saved = await tool("node-1", "save", "--name=snap", "--endpoints=10.0.0.1:2379", "--once");

    expect([saved.exitCode, saved.logs.at(-1)?.text]).toEqual([1, expect.stringContaining("is unhealthy")]);
  });

  it("hands a snapshot from machine to machine and through the object store", async () => {
    const { fleet, tool } = await backup();
    const s3 = ["--s3-backup=true", "--s3-bucketName=backups", "--s3-folder=prod"];
    await tool("node-1", "save", "--name=snap", "--endpoints=10.0.0.1:2379", "--once", ...s3);
    const from = fleet.node("node-1").machine;
    from.find("etcd")?.stop();
    const Cmd = ["rke-etcd-backup", "etcd-backup", "serve", "--name=snap", ...files];
    from.create({ name: "etcd-Serve-backup", spec: { Image: "t", Cmd, HostConfig } }).start();

    const served = await tool("node-2", "download", "--name=snap", "--local-endpoint=10.0.0.1");
    const stored = await tool("node-3", "download", "--name=snap", ...s3);

    expect([served.exitCode, stored.exitCode]).toEqual([0, 0]);
    expect([...fleet.world.objectStore.keys()]).toEqual(["backups/prod/snap.zip"]);
    expect(fleet.node("node-2").machine.disk.read("/opt/rke/etcd-snapshots/snap.zip")).toEqual(
      fleet.node("node-3").machine.disk.read("/opt/rke/etcd-snapshots/snap.zip"),
    );
  });

  it("keeps the state file with the snapshot, and deletes both", async () => {
    const { fleet, tool } = await backup();
    const { machine } = fleet.node("node-1");
    machine.disk.write("/etc/kubernetes/snap.rkestate", '{"a":1}');
    await tool("node-1", "save", "--name=snap", "--endpoints=10.0.0.1:2379", "--once");

    const extracted = await tool("node-1", "extractstatefile", "--name=snap");
    await tool("node-1", "delete", "--name=snap");

    expect(extracted.files.read("/tmp/cluster.rkestate")?.toString()).toBe('{"a":1}');
    expect(machine.disk.list("/opt/rke/etcd-snapshots")).toEqual([]);
  });
});
