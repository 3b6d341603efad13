import { describe, expect, it } from "vitest";

import { type VersionTraits, versionTraits } from "../../../provider/releases/version-traits.ts";
import { parseVersion } from "../../../provider/releases/versions.ts";

const traitsOf = (version: string) => versionTraits(parseVersion(version));

/** What a trait reads as, the last version below a bound, and the first one at it. */
type Bound = [
  what: string,
  read: (traits: VersionTraits) => unknown,
  before: [string, unknown],
  after: [string, unknown],
];

const podSecurityVersion = ({ podSecurity }: VersionTraits) => podSecurity.supported && podSecurity.apiVersion;
const v1beta1 = "pod-security.admission.config.k8s.io/v1beta1";
const v1 = "pod-security.admission.config.k8s.io/v1";

const bounds: Bound[] = [
  ["DNS", (t) => t.defaultDnsProvider, ["v1.13.12-rancher2-1", "kube-dns"], ["v1.14.1-rancher1-1", "coredns"]],
  ["audit in 1.15", (t) => t.auditsByDefault, ["v1.15.10-rancher1-1", false], ["v1.15.11-rancher1-1", true]],
  ["audit in 1.16", (t) => t.auditsByDefault, ["v1.16.7-rancher1-1", false], ["v1.16.8-rancher1-1", true]],
  ["audit in 1.17", (t) => t.auditsByDefault, ["v1.17.3-rancher1-1", false], ["v1.17.4-rancher1-1", true]],
  [
    "ingress",
    (t) => t.ingressDefaults,
    ["v1.20.15-rancher2-2", { networkMode: "hostNetwork", defaultBackend: true, needsWebhookImage: false }],
    ["v1.21.0-rancher1-1", { networkMode: "hostPort", defaultBackend: false, needsWebhookImage: true }],
  ],
  ["cri-dockerd allowed", (t) => t.criDockerd.allowed, ["v1.20.15-rancher2-2", false], ["v1.21.0-rancher1-1", true]],
  ["cri-dockerd default", (t) => t.criDockerd.byDefault, ["v1.23.16-rancher2-3", false], ["v1.24.0-rancher1-1", true]],
  [
    "runtime endpoint",
    (t) => t.criDockerd.runtimeEndpoint,
    ["v1.23.16-rancher2-3", "/var/run/dockershim.sock"],
    ["v1.24.0-rancher1-1", "unix:///var/run/cri-dockerd.sock"],
  ],
  ["state bind", (t) => t.criDockerd.needsStateBind, ["v1.23.16-rancher2-3", false], ["v1.24.0-rancher1-1", true]],
  [
    "remote runtime flag",
    (t) => t.criDockerd.needsRemoteRuntimeFlag,
    ["v1.26.15-rancher1-1", true],
    ["v1.27.0-rancher1-1", false],
  ],
  ["relabel option", (t) => t.stripsRelabelOption, ["v1.21.14-rancher1-1", false], ["v1.22.0-rancher1-1", true]],
  ["SELinux type", (t) => t.labelsSelinuxType, ["v1.21.14-rancher1-1", false], ["v1.22.0-rancher1-1", true]],
  ["kubeconfigs", (t) => t.controllersTakeAuthKubeconfig, ["v1.21.14-rancher1-1", false], ["v1.22.4-rancher1-1", true]],
  [
    "OS label",
    (t) => t.osLabel,
    ["v1.21.14-rancher1-1", "beta.kubernetes.io/os"],
    ["v1.22.4-rancher1-1", "kubernetes.io/os"],
  ],
  ["member API", (t) => t.etcdMemberApi, ["v1.21.14-rancher1-1", "v2"], ["v1.22.4-rancher1-1", "v3"]],
  ["pod security", podSecurityVersion, ["v1.22.17-rancher1-2", false], ["v1.23.4-rancher1-1", v1beta1]],
  ["pod security version", podSecurityVersion, ["v1.24.17-rancher1-1", v1beta1], ["v1.25.5-rancher1-1", v1]],
  ["in-tree aws", (t) => t.inTreeAws, ["v1.26.15-rancher1-1", true], ["v1.27.6-rancher1-1", false]],
  ["weave deprecated", (t) => t.weave, ["v1.26.15-rancher1-1", "supported"], ["v1.27.6-rancher1-1", "deprecated"]],
  ["weave removed", (t) => t.weave, ["v1.29.15-rancher1-1", "deprecated"], ["v1.30.2-rancher1-1", "removed"]],
  ["aci in 1.23", (t) => t.aciDualStack, ["v1.23.16-rancher2-2", false], ["v1.23.16-rancher2-3", true]],
  ["aci in 1.24", (t) => t.aciDualStack, ["v1.24.13-rancher2-1", false], ["v1.24.13-rancher2-2", true]],
  ["aci in 1.25", (t) => t.aciDualStack, ["v1.25.9-rancher2-1", false], ["v1.25.9-rancher2-2", true]],
  ["checksum", (t) => t.fileChecksum, ["v1.31.5-rancher1-1", "md5"], ["v1.31.6-rancher1-1", "sha256"]],
  ["cgroup v1", (t) => t.cgroupV1Supported, ["v1.34.9-rancher1-1", true], ["v1.35.0-rancher1-1", false]],
];

describe("versionTraits()", () => {
  it.each(bounds)("knows where this changes: %s", (_what, read, before, after) => {
    const answers = [read(traitsOf(before[0])), read(traitsOf(after[0]))];

    expect(answers).toEqual([before[1], after[1]]);
  });

  it("compares v1.14.0 as RKE does, for which its suffix makes it older than 1.14.0", () => {
    expect(traitsOf("v1.14.0-rancher1-1").defaultDnsProvider).toBe("kube-dns");
  });
});
