import { describe, expect, it, onTestFinished } from "vitest";

import { type Manifest, manifest } from "../../provider/desired/addons/manifest.ts";
import { rolloutOf, type Workload } from "../../provider/steps/rollout.ts";
import { toolsImage } from "./cluster.ts";
import { shell } from "./scripts.ts";
import { unlike } from "./unlike.ts";
import { aWorld } from "./world.ts";

const { kube } = aWorld({ cluster: true });

const eventually = { timeout: 60_000, interval: 100 };
const services = "/api/v1/namespaces/default/services";
const deployments = "/apis/apps/v1/namespaces/default/deployments";

describe("An APIService", () => {
  it("is available when the API server itself answers for it", async () => {
    const path = await anApiService();

    await expect.poll(async () => stateOf(path), eventually).toEqual({ done: true, value: undefined });
  });

  it("is not while there is no Service behind it, and says so", async () => {
    const path = await anApiService("contract-nobody");

    await expect
      .poll(async () => stateOf(path), eventually)
      .toEqual({
        done: false,
        lastAnswer: 'API servers cannot ask it, ServiceNotFound: service/contract-nobody in "default" is not present',
      });
  });

  it("is not while its Service has no pods, and says so", async () => {
    const name = await aService();

    const path = await anApiService(name);

    await expect
      .poll(async () => stateOf(path), eventually)
      .toMatchObject({
        done: false,
        lastAnswer: expect.stringContaining(
          `MissingEndpoints: endpoints for service/${name} in "default" have no address`,
        ),
      });
  });

  unlike("is not while what its pods answer is no API", async () => {
    const name = await aService();
    await aDeployment(name);

    const path = await anApiService(name);

    await expect
      .poll(async () => stateOf(path), { ...eventually, timeout: 5000 })
      .toMatchObject({
        lastAnswer: expect.stringContaining("FailedDiscoveryCheck: failing or missing response from https://"),
      });
  });
});

/** What a run that waits for it would make of it. */
async function stateOf(path: string) {
  const found = await kube().request<Workload>("GET", path);
  return found && rolloutOf(found, { silentNodes: 0 });
}

let made = 0;
const newName = (): string => `contract-api-${++made}`;

/** One for a group of its own. */
async function anApiService(serviceName?: string): Promise<string> {
  const group = `${newName()}.example`;
  const name = `v1.${group}`;
  const behind = { insecureSkipTLSVerify: true, service: { namespace: "default", name: serviceName } };
  const spec = { group, version: "v1", groupPriorityMinimum: 100, versionPriority: 100 };
  return applied(
    `/apis/apiregistration.k8s.io/v1/apiservices/${name}`,
    manifest(
      "apiregistration.k8s.io/v1",
      "APIService",
      { name },
      { spec: { ...spec, ...(serviceName !== undefined && behind) } },
    ),
  );
}

/** One that takes the pods of its name. */
async function aService(): Promise<string> {
  const name = newName();
  const spec = { selector: { app: name }, ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 9 }] };
  await applied(`${services}/${name}`, manifest("v1", "Service", { name, namespace: "default" }, { spec }));
  return name;
}

/** Pods of that name, ready at once, where nothing listens. */
async function aDeployment(name: string): Promise<void> {
  const labels = { app: name };
  const containers = [{ name: "main", image: toolsImage, command: shell("waits") }];
  const template = { metadata: { labels }, spec: { hostNetwork: true, terminationGracePeriodSeconds: 1, containers } };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  const path = await applied(
    `${deployments}/${name}`,
    manifest("apps/v1", "Deployment", { name, namespace: "default" }, { spec }),
  );
  await expect.poll(async () => stateOf(path), eventually).toMatchObject({ done: true });
}

/** Where it is now. It goes with the test. */
async function applied(path: string, object: Manifest): Promise<string> {
  onTestFinished(async () => kube().delete(path));
  await kube().apply(path, object, { fieldManager: "contract", force: true });
  return path;
}
