import { describe, expect, it } from "vitest";

import { nginxProxy } from "../../../../provider/desired/services/nginx-proxy.ts";
import { aNode } from "../../../support/findings.ts";
import { aNodeContext, windows } from "../world.ts";

const nodes = [
  aNode({ address: "1.1.1.1", internalAddress: "10.0.0.1" }),
  aNode({ address: "10.0.0.9", role: ["worker"] }),
  aNode({ address: "10.0.0.2", role: ["controlplane"] }),
];

describe("nginxProxy()", () => {
  it("nginxProxy() passes on to the internal addresses of all control planes, in order", () => {
    const { spec } = nginxProxy(aNodeContext({ nodes }, { node: 1 }));

    expect([spec.env, spec.cmd]).toEqual([["CP_HOSTS=10.0.0.1,10.0.0.2"], ["CP_HOSTS=10.0.0.1,10.0.0.2"]]);
  });

  it("nginxProxy() on Linux needs no files of the machine, and cannot be asked for its health", () => {
    const { spec, healthCheckUrl } = nginxProxy(aNodeContext({ nodes }, { node: 1 }));

    expect([spec.binds, spec.volumesFrom, healthCheckUrl]).toEqual([undefined, undefined, undefined]);
  });

  it("nginxProxy() on Windows starts through PowerShell from the sidekick's volume", () => {
    const { spec } = nginxProxy(aNodeContext({ nodes }, { node: 1, docker: windows }));

    expect(spec).toMatchObject({
      entrypoint: ["pwsh", "-NoLogo", "-NonInteractive", "-File", "c:/usr/bin/nginx-proxy.ps1"],
      volumesFrom: ["service-sidekick"],
      binds: ["c:/etc/nginx:c:/host/etc/nginx", "c:/run:c:/host/run"],
    });
  });
});
