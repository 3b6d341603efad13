import { describe, expect, it } from "vitest";

import { type Manifest, manifest } from "../../../provider/desired/addons/manifest.ts";
import { refOf } from "../../../provider/desired/addons/object-ref.ts";
import type { Context } from "../../../provider/execute/context.ts";
import { lookAtAddons } from "../../../provider/observed/addons.ts";
import { type ApplyAddonParams, applyAddon } from "../../../provider/steps/apply-addon.ts";
import { pruneAddon } from "../../../provider/steps/prune-addon.ts";
import { waitForRollout } from "../../../provider/steps/wait-for-rollout.ts";
import { aCluster } from "./on-machines.ts";

const configMap = (name: string, data: Record<string, string> = {}, namespace = "kube-system"): Manifest =>
  manifest("v1", "ConfigMap", { name, namespace }, { data });

const addonOf = (objects: readonly Manifest[], changes: Partial<ApplyAddonParams> = {}) =>
  applyAddon({ addon: "test", digest: "one", objects, verb: "deploy", isWaitedFor: false, ...changes });

const signal = AbortSignal.timeout(60_000);

const factOf = async (context: Context) => (await lookAtAddons(await context.kube(), { signal }))[0];

const get = async (context: Context, path: string) => (await context.kube()).request<Manifest>("GET", path);

const inSystem = (name: string) => `/api/v1/namespaces/kube-system/configmaps/${name}`;

describe("applyAddon()", () => {
  it("makes the objects and notes which they are", async () => {
    const { context } = await aCluster();

    await addonOf([configMap("a", { k: "1" }), configMap("b")]).run(context);

    expect(await get(context, inSystem("a"))).toMatchObject({ data: { k: "1" } });
    expect(await factOf(context)).toEqual({
      name: "test",
      digest: "one",
      isRolledOut: true,
      objects: ["v1 ConfigMap kube-system/a", "v1 ConfigMap kube-system/b"],
      changed: [],
    });
  });

  it("makes namespaces first, defines kinds next, and then uses both", async () => {
    const { context } = await aCluster();
    const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }];
    const names = { plural: "widgets", kind: "Widget" };
    const definition = manifest(
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      { name: "widgets.example.com" },
      { spec: { group: "example.com", scope: "Namespaced", names, versions } },
    );
    const widget = manifest("example.com/v1", "Widget", { name: "w", namespace: "mine" });

    await addonOf([widget, definition, manifest("v1", "Namespace", { name: "mine" })]).run(context);

    expect(await get(context, "/apis/example.com/v1/namespaces/mine/widgets/w")).toMatchObject({ kind: "Widget" });
  });

  it("says which kind the API server does not know", async () => {
    const { context } = await aCluster();
    const later = { ...context, clock: hurriedClock(), sleep: async () => undefined };

    const applying = addonOf([manifest("example.com/v1", "Widget", { name: "w" })]).run(later);

    await expect(applying).rejects.toThrow('Cannot apply Widget w: after 20 s the last answer was "there is no Widget');
  });

  it("takes over what kubectl has left, without touching what kubectl has set beside", async () => {
    const { context } = await aCluster();
    const kube = await context.kube();
    await kube.request("POST", "/api/v1/namespaces/kube-system/configmaps", {
      body: { metadata: { name: "a", labels: { theirs: "yes" } }, data: { k: "old", other: "kept" } },
    });

    await addonOf([configMap("a", { k: "new" })]).run(context);

    expect(await get(context, inSystem("a"))).toMatchObject({
      metadata: { labels: { theirs: "yes" } },
      data: { k: "new", other: "kept" },
    });
  });

  it("puts an object that names no namespace into default", async () => {
    const { context } = await aCluster();

    await addonOf([manifest("v1", "ConfigMap", { name: "a" })]).run(context);

    expect((await factOf(context))?.objects).toEqual(["v1 ConfigMap default/a"]);
  });

  it("puts a job that is wanted otherwise in the place of the one that is there", async () => {
    const { context } = await aCluster();
    const job = (image: string) =>
      manifest(
        "batch/v1",
        "Job",
        { name: "j", namespace: "kube-system" },
        {
          spec: { template: { spec: { containers: [{ name: "c", image }], restartPolicy: "Never" } } },
        },
      );
    await addonOf([job("a:1")]).run(context);

    await addonOf([job("a:2")]).run(context);

    const there = await get(context, "/apis/batch/v1/namespaces/kube-system/jobs/j");
    expect(JSON.stringify(there?.spec)).toContain("a:2");
  });

  it("knows after being killed what it had begun with", async () => {
    const { fleet, context } = await aCluster();
    fleet.faults.refuse(403, "no", { what: /PATCH .*configmaps\/b/ });

    await expect(addonOf([configMap("a"), configMap("b")]).run(context)).rejects.toThrow("Cannot apply ConfigMap");

    expect(await factOf(context)).toMatchObject({
      digest: "",
      objects: ["v1 ConfigMap kube-system/a", "v1 ConfigMap kube-system/b"],
    });
  });

  it("does not repeat what the server says of a Secret", async () => {
    const { fleet, context } = await aCluster();
    fleet.faults.refuse(422, 'Invalid value: "hunter2"', { what: /PATCH .*secrets/ });
    const secret = manifest("v1", "Secret", { name: "s", namespace: "kube-system" }, { stringData: { p: "hunter2" } });

    const applying = addonOf([secret]).run(context);

    await expect(applying).rejects.toThrow("Cannot apply Secret s on node-1");
    await expect(applying).rejects.not.toThrow("hunter2");
  });
});

describe("lookAtAddons()", () => {
  it("finds what was changed by hand, and what was deleted", async () => {
    const { context } = await aCluster();
    await addonOf([configMap("a", { k: "1" }), configMap("b"), configMap("c", { k: "1" })]).run(context);
    const kube = await context.kube();
    const contentType = "application/merge-patch+json";
    await kube.request("PATCH", inSystem("a"), { body: { data: { k: "2" } }, contentType });
    await kube.delete(inSystem("b"));
    await kube.request("PATCH", inSystem("c"), { body: { data: { more: "2" } }, contentType });

    const fact = await factOf(context);

    expect(fact?.changed).toEqual(["v1 ConfigMap kube-system/a", "v1 ConfigMap kube-system/b"]);
  });

  it("finds everything as it was left once it is applied again", async () => {
    const { context } = await aCluster();
    await addonOf([configMap("a", { k: "1" })]).run(context);
    await (await context.kube()).delete(inSystem("a"));

    await addonOf([configMap("a", { k: "1" })]).run(context);

    expect((await factOf(context))?.changed).toEqual([]);
  });
});

describe("pruneAddon()", () => {
  it("deletes what it is told to, and forgets it", async () => {
    const { context } = await aCluster();
    await addonOf([configMap("a"), configMap("b")]).run(context);

    const outcome = await pruneAddon({ addon: "test", refs: [refOf(configMap("b"))], isRemoved: false }).run(context);

    expect(outcome).toBe("changed");
    expect(await get(context, inSystem("b"))).toBeUndefined();
    expect(await factOf(context)).toMatchObject({ digest: "one", objects: ["v1 ConfigMap kube-system/a"] });
  });

  it("leaves what is not ours where it is, and says so", async () => {
    const { context } = await aCluster();
    await addonOf([configMap("a")]).run(context);
    await (await context.kube()).request("POST", "/api/v1/namespaces/kube-system/configmaps", {
      body: { metadata: { name: "theirs" } },
    });

    await pruneAddon({ addon: "test", refs: [refOf(configMap("theirs"))], isRemoved: false }).run(context);

    expect(await get(context, inSystem("theirs"))).toBeDefined();
    expect(context.events).toContainEqual({
      kind: "notice",
      text: "ConfigMap kube-system/theirs stays: it is not one that we have applied",
    });
  });

  it("leaves namespaces and definitions, in which others may keep something", async () => {
    const { context } = await aCluster();
    const namespace = manifest("v1", "Namespace", { name: "mine" });
    const inside = configMap("a", {}, "mine");
    await addonOf([namespace, inside]).run(context);

    await pruneAddon({ addon: "test", refs: [namespace, inside].map(refOf), isRemoved: true }).run(context);

    expect(await get(context, "/api/v1/namespaces/mine")).toBeDefined();
    expect(await get(context, "/api/v1/namespaces/mine/configmaps/a")).toBeUndefined();
    expect(context.events.filter(({ kind }) => kind === "notice")).toHaveLength(1);
    expect(await factOf(context)).toBeUndefined();
  });

  it("has nothing to do the second time", async () => {
    const { context } = await aCluster();
    await addonOf([configMap("a")]).run(context);
    const prune = pruneAddon({ addon: "test", refs: [refOf(configMap("a"))], isRemoved: true });

    expect([await prune.run(context), await prune.run(context)]).toEqual(["changed", "unchanged"]);
  });
});

const daemonSet = (image: string): Manifest =>
  manifest(
    "apps/v1",
    "DaemonSet",
    { name: "d", namespace: "kube-system" },
    {
      spec: {
        selector: { matchLabels: { a: "d" } },
        template: {
          metadata: { labels: { a: "d" } },
          spec: { containers: [{ name: "c", image }], tolerations: [{ operator: "Exists" }] },
        },
      },
    },
  );

describe("waitForRollout()", () => {
  it("waits for the pods, and notes that they run", async () => {
    const { context } = await aCluster();
    await addonOf([daemonSet("a:1")], { isWaitedFor: true }).run(context);
    const before = await factOf(context);

    const outcome = await waitForRollout({ addon: "test", digest: "one", workloads: [refOf(daemonSet("a:1"))] }).run(
      context,
    );

    expect(outcome).toBe("changed");
    expect([before?.isRolledOut, (await factOf(context))?.isRolledOut]).toEqual([false, true]);
  });

  it("says in the end which pods do not run", async () => {
    const { context } = await aCluster({ pace: { rolloutMs: 3_600_000 } });
    await addonOf([daemonSet("a:1")], { isWaitedFor: true }).run(context);

    const waiting = waitForRollout({
      addon: "test",
      digest: "one",
      workloads: [refOf(daemonSet("a:1"))],
      limitMs: 200,
    }).run(context);

    await expect(waiting).rejects.toThrow(
      /Cannot finish waiting for test to run: .*"DaemonSet kube-system\/d: of 3 pods 3 are as wanted and 0 run"/,
    );
  });

  it("says in the end what API servers cannot ask", async () => {
    const { context } = await aCluster();
    const service = { name: "nobody", namespace: "kube-system" };
    const spec = { group: "a.example", version: "v1", groupPriorityMinimum: 100, versionPriority: 100, service };
    const answered = manifest("apiregistration.k8s.io/v1", "APIService", { name: "v1.a.example" }, { spec });
    await addonOf([answered], { isWaitedFor: true }).run(context);

    const waiting = waitForRollout({
      addon: "test",
      digest: "one",
      workloads: [refOf(answered)],
      limitMs: 200,
    }).run(context);

    await expect(waiting).rejects.toThrow(
      'APIService v1.a.example: API servers cannot ask it, ServiceNotFound: service/nobody in "kube-system" is not present',
    );
    expect(await factOf(context)).toMatchObject({ isRolledOut: false });
  });
});

describe("waitForRollout() while pods do not start", () => {
  it("tells what one of them says", async () => {
    const { context, fleet } = await aCluster({ pace: { rolloutMs: 3_600_000 } });
    await addonOf([daemonSet("a:1")], { isWaitedFor: true }).run(context);
    const status = {
      containerStatuses: [{ name: "c", state: { waiting: { reason: "ErrImagePull", message: "a:1" } } }],
    };
    const list = { items: [{ metadata: { name: "d-1" }, spec: {}, status }] };
    fleet.faults.lie({ what: /^GET \/api\/v1\/namespaces\/kube-system\/pods$/ }, () => list);

    const workloads = [refOf(daemonSet("a:1"))];
    const waiting = waitForRollout({ addon: "test", digest: "one", workloads, limitMs: 200 }).run(context);

    await expect(waiting).rejects.toThrow("and 0 run; d-1: c waits, ErrImagePull: a:1");
  });
});

/** A minute passes with every look at it. */
function hurriedClock(): () => Date {
  let nowMs = Date.now();
  return () => {
    nowMs += 5000;
    return new Date(nowMs);
  };
}
