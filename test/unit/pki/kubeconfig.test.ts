import { load } from "js-yaml";
import { describe, expect, it } from "vitest";

import { adminKubeconfig, componentKubeconfig, sameKubeconfig } from "../../../provider/pki/kubeconfig.ts";

const CREDENTIALS = { clusterName: "prod", address: "10.0.0.1", ca: "CA", certificate: "CERT", key: "KEY" };

describe("adminKubeconfig()", () => {
  it("adminKubeconfig() embeds everything under the name of the cluster", () => {
    expect(load(adminKubeconfig(CREDENTIALS))).toEqual({
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "prod",
          cluster: { "api-version": "v1", "certificate-authority-data": "Q0E=", server: "https://10.0.0.1:6443" },
        },
      ],
      contexts: [{ name: "prod", context: { cluster: "prod", user: "kube-admin-prod" } }],
      "current-context": "prod",
      users: [{ name: "kube-admin-prod", user: { "client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ" } }],
    });
  });

  it("adminKubeconfig() writes an IPv6 address in brackets", () => {
    expect(adminKubeconfig({ ...CREDENTIALS, address: "2001:db8::1" })).toContain('"https://[2001:db8::1]:6443"');
  });

  it.each(["yes", "1e3", 'a"b', "a: b", "näme", "#x", "a\nb"])(
    "adminKubeconfig() keeps the cluster name %j as it is",
    (name) => {
      const text = adminKubeconfig({ ...CREDENTIALS, clusterName: name });

      expect(load(text)).toMatchObject({ "current-context": name });
    },
  );
});

describe("sameKubeconfig()", () => {
  const text = componentKubeconfig("kube-node");

  it("sameKubeconfig() does not care how YAML is written", () => {
    expect(sameKubeconfig(text, JSON.stringify(load(text)))).toBe(true);
  });

  it("sameKubeconfig() sees another user", () => {
    expect(sameKubeconfig(text, componentKubeconfig("kube-proxy"))).toBe(false);
  });

  it("sameKubeconfig() takes a text that is no YAML for another one", () => {
    expect(sameKubeconfig(text, "{")).toBe(false);
  });
});
