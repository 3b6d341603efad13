import { describe, expect, it } from "vitest";

import { authKubeconfigFlags } from "../../../../provider/desired/services/auth-kubeconfig-flags.ts";
import { aClusterContext } from "../world.ts";

describe("authKubeconfigFlags()", () => {
  it.each([
    ["v1.21.14-rancher1-1", {}],
    ["v1.22.7-rancher1-2", { "authentication-kubeconfig": "/k.yaml", "authorization-kubeconfig": "/k.yaml" }],
  ])("authKubeconfigFlags() for %s are %j", (kubernetesVersion, expected) => {
    expect(authKubeconfigFlags(aClusterContext({ kubernetesVersion }), "/k.yaml")).toEqual(expected);
  });
});
