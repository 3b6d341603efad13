import { describe, expect, it } from "vitest";

import { nodeText } from "../../../provider/cli/node-text.ts";
import { planned } from "../../support/planned.ts";

const clusterYml = `kubernetes_version: v1.32.6-rancher1-1
nodes:
- {address: 10.0.0.1, hostname_override: cp-1, user: u, role: [etcd, controlplane]}
- address: 1.1.1.2
  internal_address: 10.0.0.2
  hostname_override: worker-1
  user: u
  role: [worker]
  labels: {app: web}
  taints: [{key: gpu, value: "1", effect: NoSchedule}]
prefix_path: /opt/rke
services:
  etcd: {uid: 52034, gid: 52034}
`;

function textOf(index: number): string {
  const plan = planned(clusterYml).nodes[index];
  if (plan === undefined) throw new Error(`There is no node ${index}`);
  return nodeText(plan).replaceAll(/ [0-9a-f]{12}$/gm, " <hash>");
}

describe("nodeText()", () => {
  it("nodeText() is everything about a machine", () => {
    expect(textOf(1)).toMatchInlineSnapshot(`
      "worker-1 (1.1.1.2, internal 10.0.0.2): worker
      directories below /opt/rke

      service-sidekick  rancher/rke-tools:v0.1.114  <hash>
        network none, created, not started
        command
          /bin/bash

      nginx-proxy  rancher/rke-tools:v0.1.114  <hash>
        network host, restart always
        command
          nginx-proxy
          CP_HOSTS=10.0.0.1
        env
          CP_HOSTS=10.0.0.1

      kubelet  rancher/hyperkube:v1.32.6-rancher1  <hash>
        network host, pid host, privileged, restart always
        command
          /opt/rke-tools/entrypoint.sh
          kubelet
          --address=0.0.0.0
          --anonymous-auth=false
          --authentication-token-webhook=true
          --authorization-mode=Webhook
          --cgroups-per-qos=True
          --client-ca-file=/etc/kubernetes/ssl/kube-ca.pem
          --cloud-provider=
          --cluster-dns=10.43.0.10
          --cluster-domain=cluster.local
          --container-runtime-endpoint=unix:///var/run/cri-dockerd.sock
          --event-qps=0
          --fail-swap-on=false
          --hostname-override=worker-1
          --kubeconfig=/etc/kubernetes/ssl/kubecfg-kube-node.yaml
          --make-iptables-util-chains=true
          --node-ip=10.0.0.2
          --pod-infra-container-image=rancher/mirrored-pause:3.7
          --read-only-port=0
          --resolv-conf=/etc/resolv.conf
          --root-dir=/opt/rke/var/lib/kubelet
          --streaming-connection-idle-timeout=30m
          --tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305
          --v=2
          --volume-plugin-dir=/var/lib/kubelet/volumeplugins
        env
          RKE_KUBELET_CRIDOCKERD=true
        binds
          /opt/rke/var/lib/cri-dockerd:/var/lib/cri-dockerd
          /opt/rke/etc/kubernetes:/etc/kubernetes
          /etc/cni:/etc/cni:rw
          /opt/cni:/opt/cni:rw
          /opt/rke/var/lib/cni:/var/lib/cni
          /var/lib/calico:/var/lib/calico
          /etc/resolv.conf:/etc/resolv.conf
          /sys:/sys:rprivate
          /var/lib/docker:/var/lib/docker:rw,rslave
          /opt/rke/var/lib/kubelet:/opt/rke/var/lib/kubelet:shared
          /var/lib/rancher:/var/lib/rancher:shared
          /var/run:/var/run:rw,rprivate
          /run:/run:rprivate
          /opt/rke/etc/ceph:/etc/ceph
          /dev:/host/dev:rprivate
          /var/log/containers:/var/log/containers
          /var/log/pods:/var/log/pods
          /usr:/host/usr:ro
          /etc:/host/etc:ro
          /var/lib/kubelet/volumeplugins:/var/lib/kubelet/volumeplugins:shared
        volumes of
          service-sidekick
        healthy when it answers
          http://localhost:10248/healthz

      kube-proxy  rancher/hyperkube:v1.32.6-rancher1  <hash>
        network host, pid host, privileged, restart always
        command
          /opt/rke-tools/entrypoint.sh
          kube-proxy
          --cluster-cidr=10.42.0.0/16
          --healthz-bind-address=127.0.0.1
          --hostname-override=worker-1
          --kubeconfig=/etc/kubernetes/ssl/kubecfg-kube-proxy.yaml
          --v=2
        env
          RKE_KUBE_PROXY_BR_NETFILTER=true
        binds
          /opt/rke/etc/kubernetes:/etc/kubernetes
          /run:/run
          /lib/modules:/lib/modules:ro
        volumes of
          service-sidekick
        healthy when it answers
          http://localhost:10256/healthz

      labels
        node-role.kubernetes.io/worker=true
        app=web

      labels taken away
        node-role.kubernetes.io/controlplane
        node-role.kubernetes.io/etcd

      annotations
        rke.cattle.io/external-ip=1.1.1.2
        rke.cattle.io/internal-ip=10.0.0.2

      taints
        gpu=1:NoSchedule

      ports that must be reachable
        10250/TCP
      "
    `);
  });

  it.each([
    [
      "files",
      "\nfiles\n  /etc/kubernetes/admission.yaml (503 bytes)\n  /etc/kubernetes/audit-policy.yaml (102 bytes)\n",
    ],
    ["ports", "\nports that must be reachable\n  10250/TCP\n  6443/TCP\n  2379/TCP\n  2380/TCP\n"],
    ["taints", "\ntaints\n  node-role.kubernetes.io/etcd=true:NoExecute\n"],
    ["users", "  network host, restart always, user 52034:52034\n"],
    ["health", "  healthy when it answers\n    https://10.0.0.1:2379/health\n"],
    ["what never runs", "  network none, created, not started\n"],
  ])("nodeText() shows %s", (_, part) => {
    expect(textOf(0)).toContain(part);
  });
});
