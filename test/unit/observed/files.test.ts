import { describe, expect, it } from "vitest";
import { specHashLabel } from "../../../provider/desired/container-spec.ts";
import { contentDigest } from "../../../provider/desired/content-digest.ts";
import type { FileFact, ReachedNode } from "../../../provider/observed/facts.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { testFleet } from "../fleet/clients.ts";
import { lookAtFleet, nodesOf, reachedNode } from "./look-at-fleet.ts";

const authority = testAuthority();
const CA = "/etc/kubernetes/ssl/kube-ca.pem";
const MARKER = "/etc/kubernetes/ssl/.pulumi-rke.json";
const IMAGE = "rancher/hyperkube:v1";

async function nodeOf(fleet: Fleet, { prefixPath = "/" } = {}): Promise<ReachedNode> {
  const nodes = nodesOf(fleet).map((node) => ({ ...node, prefixPath }));
  return reachedNode(await lookAtFleet(fleet, { nodes }), "10.0.0.1");
}

const fileAt = ({ files }: ReachedNode, path: string): FileFact | undefined => files.find((file) => file.path === path);

/** A machine with one container that has the certificates, which need not run. */
async function aMachine({ prefix = "" } = {}) {
  const fleet = await testFleet({ nodes: 1, images: [IMAGE] });
  const { machine } = fleet.node("node-1");
  const container = machine.create({
    name: "kubelet",
    spec: {
      Image: IMAGE,
      Labels: { [specHashLabel]: "abc" },
      HostConfig: { Binds: [`${prefix}/etc/kubernetes:/etc/kubernetes:z`] },
    },
  });
  return { fleet, machine, container };
}

describe("files seen", () => {
  it("have a digest, a mode and, where they are certificates, an end", async () => {
    const fleet = await testFleet({ nodes: 3 });
    await rkeCluster(fleet, "three-all-in-one", { authority, only: ["etcd"] });

    const node = await nodeOf(fleet);

    expect(fileAt(node, CA)).toEqual({
      path: CA,
      sha256: contentDigest(authority.cert),
      mode: 0o600,
      notAfter: "2099-01-01T00:00:00.000Z",
    });
    expect(fileAt(node, "/etc/kubernetes/ssl/kube-ca-key.pem")).not.toHaveProperty("notAfter");
    expect(fileAt(node, "/etc/kubernetes/admission.yaml")).toMatchObject({ mode: 0o644 });
  });

  it("tell whose they are, where they are not root's", async () => {
    const { fleet, machine } = await aMachine();
    const owner = { uid: 52034, gid: 52035 };
    machine.disk.place("/etc/kubernetes/ssl/theirs.pem", { content: Buffer.from("a key"), mode: 0o600, owner });
    machine.disk.write("/etc/kubernetes/ssl/roots.pem", "a key", 0o600);

    const { files } = await nodeOf(fleet);

    expect(files.map(({ path, owner }) => [path, owner])).toEqual([
      ["/etc/kubernetes/ssl/theirs.pem", { uid: 52034, gid: 52035 }],
      ["/etc/kubernetes/ssl/roots.pem", undefined],
    ]);
  });

  it("are read through a container that does not run, and named without the prefix of the machine", async () => {
    const { fleet, machine } = await aMachine({ prefix: "/opt/rke" });
    machine.disk.write(`/opt/rke${CA}`, authority.cert);

    const node = await nodeOf(fleet, { prefixPath: "/opt/rke" });

    expect(node.files.map(({ path }) => path)).toEqual([CA]);
    expect(node.machine.leftovers).toEqual(["/opt/rke/etc/kubernetes"]);
  });

  it("tell when we wrote them, as long as they are still what we wrote", async () => {
    const { fleet, machine } = await aMachine();
    const noted = (text: string) => ({ sha256: contentDigest(text), writtenAtMs: 1234 });
    const [ours, theirs] = ["/etc/kubernetes/a", "/etc/kubernetes/b"];
    machine.disk.write(ours ?? "", "ours\n");
    machine.disk.write(theirs ?? "", "theirs");
    machine.disk.write(MARKER, JSON.stringify({ [ours ?? ""]: noted("ours"), [theirs ?? ""]: noted("ours") }));

    const { files } = await nodeOf(fleet);

    expect(files.map(({ path, writtenAtMs }) => [path, writtenAtMs])).toEqual([
      [ours, 1234],
      [theirs, undefined],
    ]);
  });

  it("tell how far a restore has come, through a container and without one, and are not files themselves", async () => {
    const marker = { stage: "switched", id: "one", name: "before", sha256: "abc", at: "2026-03-01T12:00:00.000Z" };
    const { fleet, machine, container } = await aMachine();
    machine.disk.write(CA, authority.cert, 0o644);
    machine.disk.write("/etc/kubernetes/.pulumi-rke-restore.json", JSON.stringify(marker), 0o644);
    machine.disk.write("/etc/kubernetes/.pulumi-rke-restore.json.part", "{");

    const through = await nodeOf(fleet);
    machine.remove(container);
    const without = await nodeOf(fleet);

    expect([through.restore, without.restore]).toEqual([marker, marker]);
    expect(through.files.map(({ path }) => path)).toEqual([CA]);
  });

  it("pass over the note of a restore that cannot be read", async () => {
    const { fleet, machine } = await aMachine();
    machine.disk.write("/etc/kubernetes/.pulumi-rke-restore.json", '{"stage":"half', 0o644);

    expect(await nodeOf(fleet)).not.toHaveProperty("restore");
  });

  it("make a container that is older tell exactly when it started", async () => {
    const { fleet, machine, container } = await aMachine();
    const writtenAtMs = Date.now() + 60_000;
    machine.disk.write("/etc/kubernetes/a", "new");
    machine.disk.write(MARKER, JSON.stringify({ "/etc/kubernetes/a": { sha256: contentDigest("new"), writtenAtMs } }));
    container.status = "running";
    container.startedAt = writtenAtMs + 3;

    const { containers } = await nodeOf(fleet);

    expect(containers[0]?.startedAtMs).toBe(writtenAtMs + 3);
  });

  it("are none of our business when their note is damaged", async () => {
    const { fleet, machine } = await aMachine();
    machine.disk.write("/etc/kubernetes/a", "a");
    machine.disk.write(MARKER, "{");

    expect((await nodeOf(fleet)).files).toEqual([
      { path: "/etc/kubernetes/a", sha256: contentDigest("a"), mode: 0o644 },
    ]);
  });
});

describe("files of a machine without containers", () => {
  it("are known by the CA, where anybody may read it", async () => {
    const fleet = await testFleet({ nodes: 1 });
    const { disk } = fleet.node("node-1").machine;
    disk.write(CA, authority.cert, 0o644);
    disk.write("/etc/kubernetes/ssl/kube-ca-key.pem", authority.key, 0o600);

    expect((await nodeOf(fleet)).files).toEqual([
      { path: CA, sha256: contentDigest(authority.cert), mode: 0o644, notAfter: "2099-01-01T00:00:00.000Z" },
    ]);
  });

  it("are known by our note, where the CA may not be read", async () => {
    const fleet = await testFleet({ nodes: 1 });
    const { disk } = fleet.node("node-1").machine;
    const noted = { sha256: contentDigest(authority.cert), writtenAtMs: 7 };
    disk.write(CA, authority.cert, 0o600);
    disk.write(MARKER, JSON.stringify({ [CA]: noted }), 0o644);

    expect((await nodeOf(fleet)).files).toEqual([{ path: CA, mode: 0o600, ...noted }]);
  });

  it("are not known when neither may be read", async () => {
    const fleet = await testFleet({ nodes: 1 });
    fleet.node("node-1").machine.disk.write(CA, authority.cert, 0o600);

    const { files, machine } = await nodeOf(fleet);

    expect([files, machine.leftovers]).toEqual([[], ["/etc/kubernetes"]]);
  });
});
