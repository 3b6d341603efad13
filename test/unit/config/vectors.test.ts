import { describe, expect, it } from "vitest";

import { readClusterYml, type YamlFinding } from "../../../provider/config/cluster-yml.ts";
import { parseCluster } from "../../../provider/config/parse.ts";
import { checkDocker } from "../../../provider/config/rules/docker.ts";
import { releaseOf } from "../../../provider/releases/index.ts";
import { invalidVectors, validVectors, vector } from "../../support/vectors.ts";

/** The one file that RKE accepts and we do not: a key stands in it twice. */
const refusedByDecision = "yaml-quirks";
/** What is wrong here shows on the machine only. */
const refusedOnTheMachine = "invalid-docker-version";

function failuresOf(name: string): readonly string[] {
  const reading = readClusterYml(vector(name).clusterYml);
  const parsed = parseCluster(reading.args);
  const failures: readonly YamlFinding[] = [
    ...reading.failures,
    ...(parsed.ok ? [] : parsed.failures.map(reading.locate)),
  ];
  return failures.map(({ yamlPath, reason, line }) => `${line ?? "-"} ${yamlPath}: ${reason}`);
}

describe("readClusterYml() and parseCluster()", () => {
  it.each(validVectors.filter((name) => name !== refusedByDecision))("accept %s, as RKE does", (name) => {
    const failures = failuresOf(name);

    expect(failures).toEqual([]);
  });

  it("refuse yaml-quirks, because of its repeated key", () => {
    const failures = failuresOf(refusedByDecision);

    expect(failures).toEqual([
      '13 ssh_agent_auth: The key "ssh_agent_auth" stands in line 12 and in line 13: keep one of them',
    ]);
  });

  it("say of every file that RKE refuses what is wrong with it", () => {
    const names = invalidVectors.filter((name) => name !== refusedOnTheMachine);
    const said = Object.fromEntries(names.map((name) => [name, failuresOf(name)]));

    expect(Object.keys(said).filter((name) => said[name]?.length === 0)).toEqual([]);
    expect(said).toMatchInlineSnapshot(`
      {
        "invalid-aci-missing-fields": [
          "9 network.aci_network_provider: The network plugin "aci" needs this block, with system_id, token, apic_user_name, apic_user_key, apic_user_crt, encap_type, mcast_range_start, mcast_range_end, node_subnet, aep, vrf_name, vrf_tenant, l3out, extern_dynamic, extern_static, node_svc_subnet, kube_api_vlan, service_vlan, infra_vlan, apic_hosts, l3out_external_networks",
        ],
        "invalid-admission-kind": [
          "9 services.kube-api.admission_configuration.kind: The kind "AdmissionConfiguration" is wanted, "Other" was found",
        ],
        "invalid-audit-policy-kind": [
          "9 services.kube-api.audit_log.configuration.policy.kind: The kind "Policy" is wanted, "Polici" was found",
        ],
        "invalid-authn-strategy": [
          "9 authentication.strategy: The strategy "oidc" is not possible: "x509" and "x509|webhook" are",
        ],
        "invalid-bool-string": [
          "9 ssh_agent_auth: A boolean is wanted, a text was found ("true"): remove the quotes",
        ],
        "invalid-cloud-aws-127": [
          "10 cloud_provider.name: The provider "aws" is not part of Kubernetes v1.27.16-rancher1-1: use "external-aws" without awsCloudProvider",
        ],
        "invalid-cloud-aws-service-override": [
          "10 cloud_provider.awsCloudProvider.service_override: RKE cannot write this part of the configuration: remove it, or use customCloudProvider",
        ],
        "invalid-cloud-azure-no-block": [
          "9 cloud_provider.azureCloudProvider: The provider "azure" needs this block: it is missing",
        ],
        "invalid-cloud-custom-no-name": [
          "9 cloud_provider.name: The name is missing: a configuration of your own needs one",
        ],
        "invalid-cloud-harvester-no-block": [
          "9 cloud_provider.harvesterCloudProvider: The provider "harvester" needs this block: it is missing",
        ],
        "invalid-cri-dockerd-120": [
          "10 enable_cri_dockerd: cri-dockerd needs Kubernetes v1.21 or newer, and this is v1.20.15-rancher2-2: remove the setting",
        ],
        "invalid-dual-stack-canal": [
          "9 services.kube-api.service_cluster_ip_range: The network plugin "canal" cannot do two address families: use "calico", or one range",
        ],
        "invalid-duplicate-address": [
          "4 nodes[1].address: nodes[0] has the address "10.0.0.1" too: give each node its own",
        ],
        "invalid-duplicate-hostname": [
          "4 nodes[1].hostname_override: nodes[0] has the name "a" too: give each node its own",
        ],
        "invalid-empty-file": [
          "- nodes: No node is given: a cluster needs etcd, controlplane and worker on one machine or more",
        ],
        "invalid-etcd-both": [
          "4 services.etcd.external_urls: An external etcd is given, and nodes have the role etcd: take away one of the two",
          "4 services.etcd.ca_cert: The text is not a certificate: PEM, beginning with -----BEGIN CERTIFICATE-----, is wanted",
          "4 services.etcd.cert: The text is not a certificate: PEM, beginning with -----BEGIN CERTIFICATE-----, is wanted",
          "4 services.etcd.key: The text is not a private key: PEM without a password is wanted",
        ],
        "invalid-etcd-external-no-cert": [
          "4 services.etcd.cert: An external etcd needs a client certificate: it is missing",
          "4 services.etcd.key: An external etcd needs the private key of the client certificate: it is missing",
          "4 services.etcd.path: An external etcd needs a prefix for its keys, such as /rke: it is missing",
          "4 services.etcd.ca_cert: The text is not a certificate: PEM, beginning with -----BEGIN CERTIFICATE-----, is wanted",
        ],
        "invalid-etcd-image-untagged": [
          "9 system_images.etcd: "x/etcd" has no tag: flags depend on the version, so a tag such as v3.5.16 is needed",
        ],
        "invalid-flannel-mtu": [
          "9 network.mtu: The network plugin "flannel" takes its MTU from the interface: remove mtu",
        ],
        "invalid-hostname": [
          "3 nodes[0].hostname_override: "under_score" cannot be the name of a node: it must consist of lower-case letters, digits, "-" and ".", and begin and end each part with a letter or digit",
        ],
        "invalid-ingress-dns-policy": [
          "9 ingress.dns_policy: "Cluster" is not possible here: write "ClusterFirst", "ClusterFirstWithHostNet", "Default" or "None"",
        ],
        "invalid-ingress-extra-envs": [
          "9 ingress.extra_envs[0].name: A text is wanted, a map was found",
        ],
        "invalid-ingress-network-mode": [
          "9 ingress.network_mode: "bridge" is not possible here: write "hostNetwork", "hostPort" or "none"",
        ],
        "invalid-ingress-provider": [
          "9 ingress.provider: "traefik" is not possible here: write "nginx" or "none"",
        ],
        "invalid-ingress-same-ports": [
          "9 ingress.https_port: HTTP and HTTPS cannot both have the port 80: give each its own",
        ],
        "invalid-kubernetes-image-untagged": [
          "9 system_images.kubernetes: "x/hyperkube" has no tag: flags depend on the version, so a tag such as v1.32.7-rancher1 is needed",
        ],
        "invalid-network-plugin": [
          "9 network.plugin: "cilium" is not possible here: write "canal", "flannel", "calico", "weave", "aci" or "none"",
        ],
        "invalid-no-address": [
          "3 nodes[0].address: The address is missing: give the one that SSH connects to",
        ],
        "invalid-no-controlplane": [
          "2 nodes: No node has the role "controlplane"",
        ],
        "invalid-no-etcd": [
          "2 nodes: No node has the role "etcd", and no external etcd is given",
        ],
        "invalid-no-role": [
          "4 nodes[1].role: The role is missing: give one or more of "etcd", "controlplane" and "worker"",
        ],
        "invalid-no-user": [
          "3 nodes[0].user: The user is missing: name the one that SSH logs in as",
        ],
        "invalid-pod-security-122": [
          "10 services.kube-api.pod_security_configuration: Pod security needs Kubernetes v1.23 or newer, and this is v1.22.17-rancher1-2",
        ],
        "invalid-rbac-none-132": [
          "9 authorization.mode: Kubernetes v1.32.7-rancher1-1 comes with pod security, which needs the mode "rbac": use it, or a file of your own (admission-control-config-file in extra_args of services.kube-api)",
        ],
        "invalid-role-scalar": [
          "3 nodes[0].role: A list is wanted, a text was found ("etcd"): write [etcd]",
        ],
        "invalid-s3-bad-ca": [
          "9 services.etcd.backup_config.s3backupconfig.custom_ca: The text is not a certificate: PEM, beginning with -----BEGIN CERTIFICATE-----, is wanted",
        ],
        "invalid-s3-no-bucket": [
          "9 services.etcd.backup_config.s3backupconfig.bucket_name: The bucket is missing: name the one that snapshots go to",
        ],
        "invalid-service-cidr": [
          "9 services.kube-api.service_cluster_ip_range: "10.43.0.0" is not a range of addresses: the prefix is missing: write 10.43.0.0/16, or what fits",
        ],
        "invalid-unknown-role": [
          "3 nodes[0].role[2]: "master" is not possible here: write "etcd", "controlplane" or "worker"",
        ],
        "invalid-update-strategy-type": [
          "9 network.update_strategy.rollingUpdate.maxUnavailable: A number or a percentage is wanted, a list was found",
        ],
        "invalid-version-1.8": [
          "9 kubernetes_version: Cannot use Kubernetes version "v1.8.11-rancher2-1": RKE v1.8.6 has images for it but no flags for its components. The oldest version that can be used is v1.9.5-rancher1-1",
        ],
        "invalid-version-no-v": [
          "9 kubernetes_version: Cannot read the Kubernetes version: "1.32.7-rancher1-1" is not a valid version: it must start with "v"",
        ],
        "invalid-version-not-semver": [
          "9 kubernetes_version: Cannot read the Kubernetes version: "v1.32-rancher1" is not valid semver",
        ],
        "invalid-version-unknown": [
          "9 kubernetes_version: Cannot use Kubernetes version "v1.33.1-rancher1-1": RKE v1.8.6 does not know it. The nearest are v1.32.7-rancher1-1, v1.31.11-rancher1-1, v1.30.14-rancher1-1; for any other version, name every image in system_images",
        ],
        "invalid-weave-130": [
          "10 network.plugin: "weave" cannot be used with Kubernetes v1.30.14-rancher1-1: RKE dropped it with v1.30",
        ],
        "invalid-yaml-syntax": [
          "4 : The indentation does not fit: line the key up with the keys of the same block: "user: u"",
        ],
      }
    `);
  });
});

describe("checkDocker()", () => {
  it("refuses the engine that RKE refuses in invalid-docker-version", () => {
    const release = releaseOf("v1.32.7-rancher1-1");
    const facts = [
      { index: 0, node: "10.0.0.1", serverVersion: "27.5.1" },
      { index: 1, node: "10.0.0.2", serverVersion: "18.03.1" },
    ];

    const failures = checkDocker(facts, release, { ignoreDockerVersion: false });

    expect(failures).toEqual([
      { path: ["nodes", 1], reason: expect.stringContaining('Docker "18.03.1" on 10.0.0.2 was not tested') },
    ]);
  });

  it("accepts every engine when it is told to", () => {
    const facts = [{ index: 0, node: "10.0.0.1", serverVersion: "1.2.3" }];

    const failures = checkDocker(facts, releaseOf("v1.32.7-rancher1-1"), { ignoreDockerVersion: true });

    expect(failures).toEqual([]);
  });
});
