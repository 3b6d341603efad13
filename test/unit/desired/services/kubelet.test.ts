import { describe, expect, it } from "vitest";

import { kubelet } from "../../../../provider/desired/services/kubelet.ts";
import { aNode } from "../../../support/findings.ts";
import { aNodeContext, envOf, flagsOf, separatedNodes, windows } from "../world.ts";

const withKubelet = (service: object, more: object = {}) =>
  kubelet(aNodeContext({ services: { kubelet: service }, ...more }));

describe("kubelet()", () => {
  it.each([
    [["etcd", "controlplane", "worker"], undefined],
    [["controlplane", "worker"], undefined],
    [["controlplane"], "node-role.kubernetes.io/controlplane=true:NoSchedule"],
    [["etcd", "controlplane"], "node-role.kubernetes.io/controlplane=true:NoSchedule"],
    [["etcd"], undefined],
  ])("kubelet() registers a node that is %j with the taint %s", (role, taint) => {
    const nodes = [aNode({ role }), aNode({ address: "10.0.0.9" })];

    expect(flagsOf(kubelet(aNodeContext({ nodes })))["register-with-taints"]).toBe(taint);
  });

  it.each([
    [{}, undefined],
    [{ internalAddress: "192.168.0.1" }, "192.168.0.1"],
  ])("kubelet() names the node's address when there is an internal one (%j)", (node, address) => {
    expect(flagsOf(kubelet(aNodeContext({ nodes: [aNode(node)] })))["node-ip"]).toBe(address);
  });

  it("kubelet() asks nodelocal for names, whatever a person says", () => {
    const planned = withKubelet(
      { extraArgs: { "cluster-dns": "1.2.3.4" } },
      { dns: { nodelocal: { ipAddress: "169.254.20.10" } } },
    );

    expect(flagsOf(planned)["cluster-dns"]).toBe("169.254.20.10");
  });

  it("kubelet() lets a person choose the DNS server without nodelocal", () => {
    expect(flagsOf(withKubelet({ extraArgs: { "cluster-dns": "1.2.3.4" } }))["cluster-dns"]).toBe("1.2.3.4");
  });

  it.each([
    ["v1.23.16-rancher2-3", "/var/run/dockershim.sock", "remote", false],
    ["v1.24.17-rancher1-1", "unix:///var/run/cri-dockerd.sock", "remote", true],
    ["v1.27.16-rancher1-1", "unix:///var/run/cri-dockerd.sock", undefined, true],
  ])("kubelet() of %s speaks with cri-dockerd at %s", (kubernetesVersion, endpoint, runtime, keepsState) => {
    const planned = kubelet(aNodeContext({ kubernetesVersion, enableCriDockerd: true }));

    const flags = flagsOf(planned);
    const hasBind = planned.spec.binds?.includes("/var/lib/cri-dockerd:/var/lib/cri-dockerd");
    expect([flags["container-runtime-endpoint"], flags["container-runtime"], hasBind]).toEqual([
      endpoint,
      runtime,
      keepsState,
    ]);
  });

  it("kubelet() has nothing of cri-dockerd where it is off", () => {
    const planned = kubelet(aNodeContext({ kubernetesVersion: "v1.23.16-rancher2-3" }));

    expect(flagsOf(planned)["container-runtime-endpoint"]).toBeUndefined();
    expect(planned.spec.env).toBeUndefined();
  });

  it("kubelet() tells cri-dockerd where to stream, and of two address families", () => {
    const ranges = { serviceClusterIpRange: "10.43.0.0/16,fd00:43::/112" };
    const planned = kubelet(
      aNodeContext({
        criDockerdStreamServerAddress: "0.0.0.0",
        criDockerdStreamServerPort: "10011",
        network: { plugin: "calico" },
        services: { kubeController: { clusterCidr: "10.42.0.0/16,fd00:42::/56", ...ranges }, kubeApi: ranges },
      }),
    );

    expect(envOf(planned)).toEqual({
      RKE_KUBELET_CRIDOCKERD: "true",
      CRIDOCKERD_STREAM_SERVER_ADDRESS: "0.0.0.0",
      CRIDOCKERD_STREAM_SERVER_PORT: "10011",
      RKE_KUBELET_CRIDOCKERD_DUALSTACK: "true",
    });
  });

  it("kubelet() carries the credentials of private registries", () => {
    const planned = kubelet(
      aNodeContext({ prefixPath: "/opt/rke", privateRegistries: [{ url: "r.example.com", user: "u", password: "p" }] }),
    );

    const { RKE_KUBELET_DOCKER_CONFIG = "", RKE_KUBELET_DOCKER_FILE } = envOf(planned);
    expect(RKE_KUBELET_DOCKER_FILE).toBe("/opt/rke/var/lib/kubelet/config.json");
    expect(Buffer.from(RKE_KUBELET_DOCKER_CONFIG, "base64").toString()).toBe(
      '{"auths":{"r.example.com":{"auth":"dTpw"}}}',
    );
  });

  it("kubelet() sees Docker's data where Docker keeps it", () => {
    const { spec } = kubelet(aNodeContext({}, { docker: { dockerRootDir: "/data/docker" } }));

    expect(spec.binds).toContain("/data/docker:/data/docker:rw,rslave");
  });

  it.each([
    ["/", ["/var/lib/kubelet:/var/lib/kubelet:shared"]],
    [
      "/opt/rke",
      [
        "/opt/rke/var/lib/kubelet:/opt/rke/var/lib/kubelet:shared",
        "/var/lib/kubelet/volumeplugins:/var/lib/kubelet/volumeplugins:shared",
      ],
    ],
  ])("kubelet() keeps its state below %s, and volume plugins in the usual place", (prefixPath, binds) => {
    const { spec } = kubelet(aNodeContext({ prefixPath }));

    expect(spec.binds?.filter((bind) => bind.includes("/var/lib/kubelet"))).toEqual(binds);
  });

  it("kubelet() lets EC2 name the node only for external-aws", () => {
    const named = (name: string) =>
      flagsOf(kubelet(aNodeContext({ cloudProvider: { name, useInstanceMetadataHostname: true } })))[
        "hostname-override"
      ];

    expect([named("external-aws"), named("external")]).toEqual([undefined, "10.0.0.1"]);
  });

  it("kubelet() serves with a certificate of its own when it is given one", () => {
    expect(flagsOf(withKubelet({ generateServingCertificate: true }))).toMatchObject({
      "tls-cert-file": "/etc/kubernetes/ssl/kube-kubelet-10-0-0-1.pem",
      "tls-private-key-file": "/etc/kubernetes/ssl/kube-kubelet-10-0-0-1-key.pem",
    });
  });

  it.each([
    [{}, "false"],
    [{ failSwapOn: true }, "true"],
  ])("kubelet() with %j has fail-swap-on=%s", (service, expected) => {
    expect(flagsOf(withKubelet(service))["fail-swap-on"]).toBe(expected);
  });

  it("kubelet() on Windows has Windows paths and flags, with prefixes and empty values as the release means them", () => {
    const changes = { kubernetesVersion: "v1.26.15-rancher1-1", winPrefixPath: "d:/rke", nodes: separatedNodes };
    const planned = kubelet(aNodeContext(changes, { node: 2, docker: windows }));

    expect(flagsOf(planned)).toMatchObject({
      "client-ca-file": "d:/rke/etc/kubernetes/ssl/kube-ca.pem",
      kubeconfig: "d:/rke/etc/kubernetes/ssl/kubecfg-kube-node.yaml",
      "cert-dir": "d:/rke/var/lib/kubelet/pki",
      "enforce-node-allocatable": "",
      "resolv-conf": "",
    });
    expect(planned.spec.binds).toContain("d:/rke/etc/kubernetes:c:/host/etc/kubernetes");
  });
});
