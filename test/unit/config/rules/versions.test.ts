import { describe, it } from "vitest";

import { accepts, refuses } from "../../../support/findings.ts";
import { withoutAddons } from "../../../support/without-addons.ts";

describe("versionRules()", () => {
  it.each([
    [
      { kubernetesVersion: "v1.20.15-rancher2-2", enableCriDockerd: true },
      "enableCriDockerd: cri-dockerd needs Kubernetes v1.21 or newer",
    ],
    [{ enableCriDockerd: false }, "runs containers through cri-dockerd only: remove the setting"],
    [{ criDockerdStreamServerPort: "x" }, 'criDockerdStreamServerPort: "x" is not a port'],
  ])("refuses %j", refuses);

  it.each([
    { kubernetesVersion: "v1.21.14-rancher1-1", ...withoutAddons, enableCriDockerd: true },
    { kubernetesVersion: "v1.23.16-rancher2-3", ...withoutAddons, enableCriDockerd: false },
    { criDockerdStreamServerPort: "10011", criDockerdStreamServerAddress: "0.0.0.0" },
  ])("accepts %j", accepts);
});
