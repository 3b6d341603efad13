import { describe, expect, it } from "vitest";

import { parseCluster } from "../../../../provider/config/parse.ts";
import { someArgs } from "../../../support/findings.ts";

function warningsOf(args: object): readonly string[] {
  const { warnings } = parseCluster(someArgs(args));
  return warnings
    .map(({ path, reason }) => `${path.join(".")}: ${reason}`)
    .filter((text) => text.includes("we do not"));
}

describe("addonManifestRules()", () => {
  it("names the addons that an old release does not get from us", () => {
    expect(warningsOf({ kubernetesVersion: "v1.24.17-rancher1-1" })).toEqual([
      "kubernetesVersion: For Kubernetes v1.24.17-rancher1-1 we do not deploy canal, ingress-nginx: what rke has deployed stays as it is, and a new cluster gets none",
    ]);
  });

  it("says nothing of what is switched off", () => {
    const off = { network: { plugin: "none" }, ingress: { provider: "none" } };

    expect(warningsOf({ kubernetesVersion: "v1.24.17-rancher1-1", ...off })).toEqual([]);
  });

  it("has nothing to say from Kubernetes 1.28 on", () => {
    expect(warningsOf({ kubernetesVersion: "v1.28.7-rancher1-1" })).toEqual([]);
  });
});
