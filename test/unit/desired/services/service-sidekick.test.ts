import { describe, expect, it } from "vitest";

import { serviceSidekick } from "../../../../provider/desired/services/service-sidekick.ts";
import { aNodeContext, envOf, windows } from "../world.ts";

describe("serviceSidekick()", () => {
  it("serviceSidekick() is created and never started on Linux", () => {
    const { spec, starts } = serviceSidekick(aNodeContext());

    expect(starts).toBe(false);
    expect(spec).toEqual({
      name: "service-sidekick",
      image: "rancher/rke-tools:v0.1.114",
      entrypoint: ["/bin/bash"],
      networkMode: "none",
      labels: { "io.rancher.rke.container.name": "service-sidekick" },
    });
  });

  it("serviceSidekick() runs on Windows, and knows the network", () => {
    const planned = serviceSidekick(aNodeContext({ network: { plugin: "flannel" } }, { docker: windows }));

    expect([planned.starts, planned.spec.restartPolicy]).toEqual([true, "always"]);
    expect(JSON.parse(envOf(planned).RKE_NETWORK_CONFIGURATION ?? "")).toMatchObject({ plugin: "flannel" });
  });
});
