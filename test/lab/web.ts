import { setTimeout as after } from "node:timers/promises";

import type { Kubectl } from "./kubectl.ts";

/** Where a machine answers for the workload. */
export const webOn = (address: string): string => `http://${address}:${port}/`;

const port = 30080;

/** Deploys two pods that answer on a port of every machine, on different nodes if there are any, and waits until they do. */
export async function deployWeb(kubectl: Kubectl, addresses: readonly string[]): Promise<void> {
  kubectl.apply({ apiVersion: "v1", kind: "List", items: [deployment, service] });
  kubectl("rollout", "status", "deployment/web", "--timeout=120s");
  await webAnswersOn(addresses);
}

/** Waits until it does: kube-proxy knows of a Service a moment after it is made, and of pods whose machine is lost for a while. */
export async function webAnswersOn(addresses: readonly string[]): Promise<void> {
  await Promise.all(addresses.map((address) => untilAnswered(webOn(address))));
}

async function untilAnswered(url: string): Promise<void> {
  for (let left = 600; left > 0; left--) {
    const isThere = await fetch(url, { signal: AbortSignal.timeout(5000) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) return;
    await after(200);
  }
  throw new Error(`Nobody answers at ${url}`);
}

const labels = { app: "web" };

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: labels },
          },
        ],
        containers: [
          {
            name: "web",
            image: "lab/web:1",
            ports: [{ containerPort: 8080 }],
            readinessProbe: { httpGet: { path: "/ready", port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
};

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "default" },
  spec: { type: "NodePort", selector: labels, ports: [{ port: 80, targetPort: 8080, nodePort: port }] },
};
