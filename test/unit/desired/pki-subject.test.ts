import { describe, expect, it } from "vitest";

import { pkiSubject, serviceIps } from "../../../provider/desired/pki-subject.ts";
import { configured } from "../../support/planned.ts";
import { vector } from "../../support/vectors.ts";
import { aCluster, separatedNodes } from "./world.ts";

const withRange = (serviceClusterIpRange: string) => {
  const { config } = aCluster();
  return {
    ...config,
    services: { ...config.services, kubeApi: { ...config.services.kubeApi, serviceClusterIpRange } },
  };
};

describe("serviceIps()", () => {
  it.each([
    ["10.43.0.0/16", ["10.43.0.1"]],
    ["10.43.7.9/16", ["10.43.0.1"]],
    ["10.43.5.0/12", ["10.32.0.1"]],
    ["192.168.255.128/25", ["192.168.255.129"]],
    ["10.0.0.0/8", ["10.0.0.1"]],
    ["10.20.30.255/32", ["10.20.31.0"]],
    ["fd00:43::/112", ["fd00:43::1"]],
    ["fd00:43:0:0:1:2:3:4/61", ["fd00:43::1"]],
    ["10.43.0.0/16,fd00:43::/112", ["10.43.0.1", "fd00:43::1"]],
    ["fd00:43::/112, 10.43.0.0/16", ["fd00:43::1", "10.43.0.1"]],
    ["nonsense", []],
  ])("serviceIps() of %s are %j", (range, expected) => {
    expect(serviceIps(withRange(range))).toEqual(expected);
  });
});

describe("pkiSubject()", () => {
  it("pkiSubject() knows which machines hold which role", () => {
    const subject = pkiSubject(aCluster({ nodes: separatedNodes }).config);

    const addresses = [subject.etcd, subject.controlPlane, subject.all].map((hosts) =>
      hosts.map(({ address }) => address),
    );
    expect(addresses).toEqual([["10.0.0.1"], ["10.0.0.2"], ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]]);
  });

  it("pkiSubject() takes over what certificates and kubeconfigs say", () => {
    const { config } = aCluster({
      clusterName: "prod",
      authentication: { sans: ["k8s.example.com"] },
      services: { kubelet: { clusterDomain: "corp.local", generateServingCertificate: true } },
    });

    expect(pkiSubject(config)).toMatchObject({
      clusterName: "prod",
      sans: ["k8s.example.com"],
      clusterDomain: "corp.local",
      servesKubelets: true,
    });
  });

  it("pkiSubject() has no external etcd where there is none", () => {
    expect(pkiSubject(aCluster().config)).not.toHaveProperty("externalEtcd");
  });

  it("pkiSubject() keeps the key for an external etcd secret", () => {
    const { externalEtcd } = pkiSubject(configured(vector("etcd-external").clusterYml).config);

    expect([String(externalEtcd?.key), externalEtcd?.key.unwrap()]).toEqual([
      "[redacted]",
      expect.stringContaining("PRIVATE KEY"),
    ]);
  });
});
