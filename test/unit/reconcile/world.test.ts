import { describe, expect, it } from "vitest";

import { comparableDigest } from "../../../provider/desired/container-spec.ts";
import { container, isRight } from "../../../provider/reconcile/world.ts";
import { everything, nodesOf, wanted } from "../../support/facts.ts";

/** The API server of a cluster of the newest Kubernetes, as it is planned. */
async function anApiServer(args: object = {}) {
  const { plan } = await wanted({ nodes: nodesOf(everything), kubernetesVersion: "v1.32.2-rancher1-1", ...args });
  const planned = plan.nodes[0] && container(plan.nodes[0], "kube-apiserver");
  if (planned?.olderSpec === undefined) throw new Error("There is none that an older rke would have made otherwise");
  return { ...planned, olderSpec: planned.olderSpec };
}

const madeByRke = (spec: Parameters<typeof comparableDigest>[0]) =>
  ({ name: spec.name, image: spec.image, state: "running", labels: {}, comparable: comparableDigest(spec) }) as const;

describe("isRight()", () => {
  it("takes what an older rke has made for what is wanted, when it reads the same files", async () => {
    const api = await anApiServer();
    const limited = await anApiServer({ services: { kubeApi: { eventRateLimit: { enabled: true } } } });

    expect(isRight(api, madeByRke(api.spec))).toBe(true);
    expect(isRight(api, madeByRke(api.olderSpec))).toBe(true);
    expect(isRight(limited, madeByRke(api.olderSpec))).toBe(false);
  });

  it("does not take it for what is wanted when it is ours: we have one word for everything", async () => {
    const api = await anApiServer();

    expect(isRight(api, { ...madeByRke(api.olderSpec), specHash: "another" })).toBe(false);
    expect(isRight(api, { ...madeByRke(api.spec), specHash: api.hash })).toBe(true);
  });
});
