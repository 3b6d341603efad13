import { describe, expect, it, onTestFinished } from "vitest";

import type { KubeObject, Pod } from "../../provider/hosts/kube-objects.ts";
import { budgetsHolding } from "../../provider/steps/disruption-budgets.ts";
import { podTrouble } from "../../provider/steps/pod-trouble.ts";
import { rolloutOf, type Workload } from "../../provider/steps/rollout.ts";
import { clientOf, toolsImage } from "./cluster.ts";
import { scripts } from "./scripts.ts";
import { unlike } from "./unlike.ts";
import { aWorld } from "./world.ts";

const { here, kube, raw } = aWorld({ cluster: true });

const slow = { timeout: 120_000 };
const eventually = { timeout: 60_000, interval: 100 };

describe("A Deployment", () => {
  it("arrives, with the pods that it wants on the nodes that take them", slow, async () => {
    const { name, path } = aPlace("deployments");

    await make(path, { replicas: 2, selector: { matchLabels: { app: name } }, template: template(name) });

    await arrived(path);
    const pods = await podsOf(name);
    expect(pods).toHaveLength(2);
    expect(pods).toMatchObject(
      [1, 2].map(() => ({
        spec: { nodeName: "node-1" },
        status: { phase: "Running" },
        metadata: { uid: expect.any(String) },
      })),
    );
  });

  it("makes pods that belong to a controller", slow, async () => {
    const name = await aDeployment();

    const [pod] = await podsOf(name);

    expect(pod?.metadata.ownerReferences).toEqual([expect.objectContaining({ controller: true })]);
  });

  unlike("its pods belong to a ReplicaSet", async () => {
    const name = await aDeployment();

    const [pod] = await podsOf(name);

    expect(pod?.metadata.ownerReferences).toEqual([expect.objectContaining({ kind: "ReplicaSet", controller: true })]);
  });

  unlike("a pod of an image that is nowhere never runs", async () => {
    const { name, path } = aPlace("deployments");
    const nowhere = {
      ...template(name),
      spec: { ...template(name).spec, containers: [{ name: "main", image: here().images.unreachable }] },
    };

    await make(path, { replicas: 1, selector: { matchLabels: { app: name } }, template: nowhere });
    await expect.poll(async () => podsOf(name), eventually).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 3000));

    expect((await podsOf(name))[0]?.status?.phase).toBe("Pending");
    await expect
      .poll(async () => podTrouble(await podsOf(name)), eventually)
      .toMatch(new RegExp(`^${name}-\\S+: main waits, (ErrImagePull|ImagePullBackOff): `));
  });
});

describe("A DaemonSet", () => {
  it("arrives with a pod on each node that takes them", slow, async () => {
    const { name, path } = aPlace("daemonsets");

    await make(path, { selector: { matchLabels: { app: name } }, template: template(name) });

    await arrived(path);
    expect(await kube().request("GET", path)).toMatchObject({
      metadata: { generation: 1 },
      status: { observedGeneration: 1, desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: 1 },
    });
    expect((await podsOf(name))[0]?.metadata.ownerReferences).toEqual([
      expect.objectContaining({ kind: "DaemonSet", name, controller: true }),
    ]);
  });
});

describe("A Job", () => {
  it("completes, and what it runs cannot be changed", slow, async () => {
    const { name, path } = aPlace("jobs");
    const { metadata, spec } = template(name, "ends");
    const wanted = { template: { metadata, spec: { ...spec, restartPolicy: "Never" } } };
    await make(path, wanted);
    await arrived(path);

    const changed = await make(path, {
      template: { metadata, spec: { ...spec, hostPID: true, restartPolicy: "Never" } },
    });

    expect(await kube().request("GET", path)).toMatchObject({
      status: { conditions: expect.arrayContaining([expect.objectContaining({ type: "Complete", status: "True" })]) },
    });
    expect(changed).toMatchObject({
      status: 422,
      json: {
        reason: "Invalid",
        message: expect.stringMatching(/^Job.batch ".*" is invalid: spec.template: .*field is immutable/s),
      },
    });
  });
});

describe("The pods on a node", () => {
  it("are those that run there", slow, async () => {
    const name = await aDeployment();

    const [here_, there] = await Promise.all([kube().podsOn("node-1"), kube().podsOn("node-2")]);

    expect(here_.some(({ metadata }) => metadata.labels?.app === name)).toBe(true);
    expect(there.some(({ metadata }) => metadata.labels?.app === name)).toBe(false);
  });
});

describe("An eviction", () => {
  it("makes a pod leave, and another one comes in its place", slow, async () => {
    const name = await aDeployment();
    const [pod] = await podsOf(name);

    const answer = await evict(pod);

    expect(answer).toMatchObject({ status: 201, json: { kind: "Status", status: "Success" } });
    await expect
      .poll(async () => (await podsOf(name)).map(({ metadata }) => metadata.uid), eventually)
      .toEqual([expect.not.stringMatching(String(pod?.metadata.uid))]);
  });

  it("is held by a disruption budget that has nothing to give", slow, async () => {
    const name = await aDeployment();
    const budget = aPlace("poddisruptionbudgets");
    await make(budget.path, { minAvailable: 1, selector: { matchLabels: { app: name } } });
    await expect
      .poll(async () => kube().request("GET", budget.path), eventually)
      .toMatchObject({ status: { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0, expectedPods: 1 } });
    const pods = await podsOf(name);

    const answer = await evict(pods[0]);

    expect(answer).toMatchObject({
      status: 429,
      json: {
        reason: "TooManyRequests",
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        details: { causes: [{ reason: "DisruptionBudget", message: expect.stringContaining(budget.name) }] },
      },
    });
    expect(await kube().evict(pods[0]?.metadata ?? { name: "" })).toBe("held by a disruption budget");
    const holding = await budgetsHolding(kube(), pods, { signal: new AbortController().signal });
    expect([...holding.values()]).toEqual([expect.stringContaining(budget.name)]);
  });

  it("of a pod that is gone is no error", async () => {
    expect(await kube().evict({ name: "contract-nobody" })).toBe("gone");
  });

  it("of another pod than the one of that name is none", slow, async () => {
    const name = await aDeployment();
    const [pod] = await podsOf(name);
    const uid = "00000000-0000-0000-0000-000000000000";

    expect((await evict(pod, uid)).status).toBe(409);
    expect(await kube().evict({ name: pod?.metadata.name ?? "", uid })).toBe("gone");
    expect((await podsOf(name)).map(({ metadata }) => metadata.uid)).toEqual([pod?.metadata.uid]);
  });
});

describe("An object that is deleted", () => {
  it("takes along what belongs to it", slow, async () => {
    const name = await aDeployment();

    await kube().delete(`/apis/apps/v1/namespaces/default/deployments/${name}`);

    await expect.poll(async () => podsOf(name), { timeout: 90_000, interval: 200 }).toEqual([]);
  });
});

const groups: Readonly<Record<string, { readonly api: string; readonly kind: string }>> = {
  deployments: { api: "apps/v1", kind: "Deployment" },
  daemonsets: { api: "apps/v1", kind: "DaemonSet" },
  jobs: { api: "batch/v1", kind: "Job" },
  poddisruptionbudgets: { api: "policy/v1", kind: "PodDisruptionBudget" },
};

let made = 0;

/** Of an object that goes with the test. */
function aPlace(plural: string): { readonly name: string; readonly path: string } {
  made += 1;
  const name = `contract-pods-${made}`;
  const path = `/apis/${groups[plural]?.api}/namespaces/default/${plural}/${name}`;
  onTestFinished(async () => kube().delete(path));
  return { name, path };
}

/** Applies an object as given; returns the answer as it came. */
async function make(path: string, spec: object) {
  const [name = "", plural = ""] = path.split("/").reverse();
  const { api: apiVersion, kind } = groups[plural] ?? {};
  const tls = { ...clientOf(here().certificates, "kube-admin"), host: "127.0.0.1" };
  const body = JSON.stringify({ apiVersion, kind, metadata: { name, namespace: "default" }, spec });
  const headers = { "Content-Type": "application/apply-patch+yaml" };
  return raw(6443, { method: "PATCH", path: `${path}?fieldManager=contract&force=true`, body, headers }, { tls });
}

/** Pods that end at once when they are asked to. */
const template = (app: string, script: "waits" | "ends" = "waits") => ({
  metadata: { labels: { app } },
  spec: {
    hostNetwork: true,
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "main", image: toolsImage, command: ["sh", "-c", scripts[script]] }],
  },
});

/** One whose pod runs. */
async function aDeployment(): Promise<string> {
  const { name, path } = aPlace("deployments");
  await make(path, { replicas: 1, selector: { matchLabels: { app: name } }, template: template(name) });
  await arrived(path);
  return name;
}

const arrived = async (path: string): Promise<void> => {
  await expect
    .poll(async () => {
      const workload = await kube().request<Workload>("GET", path);
      return workload && rolloutOf(workload, { silentNodes: 0 });
    }, eventually)
    .toMatchObject({ done: true });
};

async function podsOf(app: string): Promise<readonly Pod[]> {
  const pods = await kube().podsWith(`app=${app}`, { namespace: "default" });
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

async function evict(pod: Pod | undefined, uid?: string) {
  const name = pod?.metadata.name ?? "";
  const tls = { ...clientOf(here().certificates, "kube-admin"), host: "127.0.0.1" };
  const object: KubeObject & { deleteOptions?: object } = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace: "default" },
    ...(uid !== undefined && { deleteOptions: { preconditions: { uid } } }),
  };
  const path = `/api/v1/namespaces/default/pods/${name}/eviction`;
  return raw(
    6443,
    { method: "POST", path, body: JSON.stringify(object), headers: { "Content-Type": "application/json" } },
    { tls },
  );
}
