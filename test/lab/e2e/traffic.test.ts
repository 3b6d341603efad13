import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { aLabCluster, type LabCluster } from "../cluster.ts";
import { lab, nodeAddress, nodeName } from "../machines.ts";
import { deployWeb, webOn } from "../web.ts";

const nodes = [1, 2, 3];

let cluster: LabCluster;

beforeAll(async () => {
  lab("reset");
  cluster = await aLabCluster();
  await cluster.apply({
    kubernetesVersion: "v1.31.4-rancher1-1",
    nodes: Object.fromEntries(nodes.map((index) => [index, ["etcd", "controlplane", "worker"]])),
  });
  await deployWeb(cluster.kubectl, nodes.map(nodeAddress));
});

afterAll(async () => {
  await cluster?.destroy();
  await cluster?.close();
});

describe("Two pods behind a Service", () => {
  it("run on different nodes", () => {
    const hosts = cluster.kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.nodeName}");

    expect(new Set(hosts.split(" ")).size).toBe(2);
  });

  it.each(nodes)("are found by name from a pod on node%i, wherever DNS runs", (index) => {
    expect(said(index, "curl -sf -m 5 http://web.default.svc.cluster.local")).toMatch(/^web-/);
  });

  it.each(nodes)("both answer on a port of node%i", async (index) => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, async () => (await fetch(webOn(nodeAddress(index)))).text()),
    );

    expect(new Set(answers).size).toBe(2);
  });
});

/** What a command prints in a pod on a node, as the kubelet there tells it. The image is there, with a shell and curl. */
function said(index: number, command: string): string {
  const name = `asker-${index}`;
  const { kubectl } = cluster;
  kubectl.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      nodeName: nodeName(index),
      restartPolicy: "Never",
      containers: [{ name, image: "rancher/rke-tools:v0.1.114", command: ["sh", "-c", command] }],
    },
  });
  kubectl("wait", `pod/${name}`, "--for", "jsonpath={.status.phase}=Succeeded", "--timeout", "60s");
  return kubectl("logs", name);
}
