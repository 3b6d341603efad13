import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Run } from "../engine/run.ts";
import { aStack, type EngineStack } from "../engine/stack.ts";
import { type Kubectl, kubectlWith } from "./kubectl.ts";
import { onNode } from "./machines.ts";
import { labProgram, type Roles, type Wanted } from "./program.ts";

const all: Roles = ["etcd", "controlplane", "worker"];

let stack: EngineStack;
let kubectl: Kubectl | undefined;

beforeAll(async () => {
  stack = await aStack({ program: labProgram({ nodes: {} }) });
});

afterAll(async () => {
  kubectl?.close();
  await stack?.close();
});

/** A snapshot that the tools of `rke` have taken, and a cluster that goes back to it. */
describe("A cluster on real machines that is restored", { sequential: true }, () => {
  let wanted: Wanted = { kubernetesVersion: "v1.31.4-rancher1-1", nodes: { 1: all, 2: all, 3: all } };

  it("is there, and has a snapshot", async () => {
    const { outputs } = await apply(wanted);
    kubectl = kubectlWith(String(outputs.kubeconfig));
    ask("create", "configmap", "kept", "--from-literal=a=1");

    onNode(1, takeSnapshot);
    ask("delete", "configmap", "kept");
    ask("create", "configmap", "late", "--from-literal=a=1");

    expect(onNode(1, "ls /opt/rke/etcd-snapshots")).toContain("before.zip");
  });

  it("has what there was when the snapshot was taken, and every node is ready", async () => {
    wanted = { ...wanted, restore: { from: "before", confirm: "before", storage: { nodes: true } } };
    stack.write(labProgram(wanted));
    const preview = await stack.preview();
    expect(preview.printed).toContain("will be lost");

    const { printed } = await apply(wanted);

    process.stdout.write(printed);
    expect(ask("get", "configmaps", "-o", "name").trim().split("\n")).toEqual(
      expect.arrayContaining(["configmap/kept"]),
    );
    expect(ask("get", "configmaps", "-o", "name")).not.toContain("late");
    expect(readyNodes()).toBe("True True True");
  });

  it("runs what is asked of it from then on", () => {
    ask("create", "deployment", "web", "--image=lab/web:1", "--replicas=2");

    expect(ask("rollout", "status", "deployment/web", "--timeout=90s")).toContain("successfully rolled out");
  });

  it("removes the old data when the restore is taken out of the program", async () => {
    const { restore: _, ...rest } = wanted;
    expect(onNode(1, "ls -a /var/lib/etcd")).toContain(".pulumi-rke-restore");

    await apply(rest);

    expect(onNode(1, "ls -a /var/lib/etcd")).not.toContain(".pulumi-rke-restore");
    expect(ask("get", "configmaps", "-o", "name")).toContain("configmap/kept");
  });

  it("is destroyed", async () => {
    expect(await stack.destroy()).toMatchObject({ failure: undefined });
  });
});

/** As `rke etcd snapshot-save` does it. */
const takeSnapshot = `docker run --rm --net host -v /opt/rke/etcd-snapshots:/backup -v /etc/kubernetes:/etc/kubernetes:ro \\
  $(docker inspect -f '{{.Config.Image}}' service-sidekick) /opt/rke-tools/rke-etcd-backup etcd-backup save --once=true \\
  --cacert /etc/kubernetes/ssl/kube-ca.pem --cert /etc/kubernetes/ssl/kube-node.pem --key /etc/kubernetes/ssl/kube-node-key.pem \\
  --name before --endpoints=127.0.0.1:2379`;

/** Brings the program's new text about, and sees that nothing is left to do. */
async function apply(wanted: Wanted): Promise<Run> {
  stack.write(labProgram(wanted));
  const up = await stack.up();
  if (up.failure !== undefined) throw new Error(up.printed);
  expect(await stack.preview()).toMatchObject({ failure: undefined, changes: {} });
  return up;
}

const readyNodes = (): string =>
  ask("get", "nodes", "-o", 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}').trim();

function ask(...words: readonly string[]): string {
  if (kubectl === undefined) throw new Error("There is no cluster to ask");
  return kubectl(...words);
}
