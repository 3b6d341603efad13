import { describe, expect, it } from "vitest";

import type { Bundle } from "../../../provider/pki/bundle.ts";
import { deployedFiles } from "../../../provider/pki/deployed-files.ts";
import { aBundle, aHost, vectorSubject } from "./world.ts";

const COMMON = [
  "KUBECFG_KUBE_NODE",
  "KUBECFG_KUBE_PROXY",
  "KUBE_CA",
  "KUBE_NODE",
  "KUBE_NODE_KEY",
  "KUBE_PROXY",
  "KUBE_PROXY_KEY",
];

const CONTROL_PLANE = [
  ...COMMON,
  "KUBECFG_KUBE_APISERVER_PROXY_CLIENT",
  "KUBECFG_KUBE_APISERVER_REQUESTHEADER_CA",
  "KUBECFG_KUBE_CONTROLLER_MANAGER",
  "KUBECFG_KUBE_SCHEDULER",
  "KUBE_APISERVER",
  "KUBE_APISERVER_KEY",
  "KUBE_APISERVER_PROXY_CLIENT",
  "KUBE_APISERVER_PROXY_CLIENT_KEY",
  "KUBE_APISERVER_REQUESTHEADER_CA",
  "KUBE_APISERVER_REQUESTHEADER_CA_KEY",
  "KUBE_CA_KEY",
  "KUBE_CONTROLLER_MANAGER",
  "KUBE_CONTROLLER_MANAGER_KEY",
  "KUBE_SCHEDULER",
  "KUBE_SCHEDULER_KEY",
  "KUBE_SERVICE_ACCOUNT_TOKEN",
  "KUBE_SERVICE_ACCOUNT_TOKEN_KEY",
];

/** What the variables are called that RKE 1.8.6 hands to cert-deployer for these nodes. */
const RKE = [
  {
    vector: "separated-planes",
    address: "203.0.113.12",
    roles: ["etcd"],
    variables: [
      ...COMMON,
      ...["11", "12", "13"].flatMap((last) => [`KUBE_ETCD_10_1_0_${last}`, `KUBE_ETCD_10_1_0_${last}_KEY`]),
    ],
  },
  { vector: "separated-planes", address: "203.0.113.21", roles: ["controlplane"], variables: CONTROL_PLANE },
  { vector: "separated-planes", address: "203.0.113.31", roles: ["worker"], variables: COMMON },
  {
    vector: "kubelet-serving-certificates",
    address: "10.0.0.2",
    roles: ["worker"],
    variables: [
      ...COMMON,
      ...["1", "2"].flatMap((last) => [`KUBE_KUBELET_10_0_0_${last}`, `KUBE_KUBELET_10_0_0_${last}_KEY`]),
    ],
  },
  {
    vector: "etcd-external",
    address: "10.0.0.1",
    roles: ["controlplane", "worker"],
    variables: [...CONTROL_PLANE, "KUBE_ETCD_CLIENT", "KUBE_ETCD_CLIENT_CA", "KUBE_ETCD_CLIENT_KEY"],
  },
] as const;

describe("deployedFiles()", () => {
  it.each(RKE)(
    "deployedFiles() hands a node of $vector what RKE does: $roles",
    async ({ vector, address, roles, variables }) => {
      const bundle = await aBundle(vectorSubject(vector));

      const files = deployedFiles({ host: aHost(address), roles }, bundle, { peers: "all" });

      expect(files.map(({ envName }) => envName).sort()).toEqual([...variables].sort());
    },
  );

  it("deployedFiles() has each part of a certificate at its path", async () => {
    const bundle: Bundle = await aBundle();

    const files = deployedFiles({ host: aHost("10.0.0.1"), roles: ["worker"] }, bundle);

    expect(files.map(({ path, content }) => [path, content.unwrap()])).toEqual([
      ["/etc/kubernetes/ssl/kube-ca.pem", bundle["kube-ca"]?.certificate],
      ["/etc/kubernetes/ssl/kube-proxy.pem", bundle["kube-proxy"]?.certificate],
      ["/etc/kubernetes/ssl/kube-proxy-key.pem", bundle["kube-proxy"]?.key?.unwrap()],
      ["/etc/kubernetes/ssl/kubecfg-kube-proxy.yaml", bundle["kube-proxy"]?.kubeconfig?.text.unwrap()],
      ["/etc/kubernetes/ssl/kube-node.pem", bundle["kube-node"]?.certificate],
      ["/etc/kubernetes/ssl/kube-node-key.pem", bundle["kube-node"]?.key?.unwrap()],
      ["/etc/kubernetes/ssl/kubecfg-kube-node.yaml", bundle["kube-node"]?.kubeconfig?.text.unwrap()],
    ]);
  });
});
