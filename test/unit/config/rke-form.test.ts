import { isDeepStrictEqual } from "node:util";

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import type { ClusterConfig } from "../../../provider/config/cluster-config.ts";
import { readClusterYml } from "../../../provider/config/cluster-yml.ts";
import { applyDefaults } from "../../../provider/config/defaults.ts";
import { releaseOfConfig } from "../../../provider/config/release-of-config.ts";
import { fromStateForm, stateForm, yamlForm } from "../../../provider/config/rke-form.ts";
import { type ClusterArgs, cluster } from "../../../provider/config/schema/cluster.ts";
import { type Json, peerPlan, validVectors, vector } from "../../support/vectors.ts";
import { arbitraryCluster } from "./arbitrary-cluster.ts";

/** RKE's command line does not run on Windows nodes, so there is no state of that cluster. */
const withState = validVectors.filter((name) => name !== "windows-worker");

describe("stateForm", () => {
  it.each(withState)("is what RKE writes into its state file: %s", (name) => {
    const config = configOfVector(name);

    const state = stateForm(config);

    expect(state).toEqual(expectedState(name));
  });

  it("has every key of OpenStack, also those that are not given", () => {
    const { cloudProvider } = stateOf({
      cloudProvider: { openstackCloudProvider: { global: { authUrl: "https://o" } } },
    });

    expect(cloudProvider).toMatchObject({
      name: "openstack",
      openstackCloudProvider: {
        global: { "auth-url": "https://o", "ca-file": "" },
        loadBalancer: { "use-octavia": false, "monitor-max-retries": 0 },
        blockStorage: { "bs-version": "", "trust-device-path": false, "ignore-volume-az": false },
        route: { "router-id": "" },
        metadata: { "search-order": "", "request-timeout": 0 },
      },
    });
  });

  it("has no key that RKE does not know, but what RKE would do in its place", () => {
    const { services } = stateOf({
      services: { etcd: { backupConfig: { schedule: "0 3 * * *", safeTimestamp: true } } },
    });

    expect(services).toMatchObject({
      etcd: { backupConfig: { intervalHours: 12, retention: 6, safeTimestamp: true, s3BackupConfig: null } },
    });
    expect(JSON.stringify(services)).not.toContain('schedule"');
  });

  it("has only the keys of vSphere that are given, in blocks that are all there", () => {
    const { cloudProvider } = stateOf({
      cloudProvider: { vsphereCloudProvider: { virtualCenter: { vc: { soapRoundtripCount: 3, user: "" } } } },
    });

    expect(cloudProvider).toEqual({
      name: "vsphere",
      vsphereCloudProvider: {
        global: {},
        virtualCenter: { vc: { "soap-roundtrip-count": 3 } },
        network: {},
        disk: {},
        workspace: {},
      },
    });
  });

  it("calls the session token of ECR an access token, as RKE does", () => {
    const { privateRegistries } = stateOf({
      privateRegistries: [{ url: "r", ecrCredentialPlugin: { awsSessionToken: "t" } }],
    });

    expect(privateRegistries).toEqual([{ url: "r", ecrCredentialPlugin: { awsAccessToken: "t" } }]);
  });

  it("gives Kubernetes objects the keys that their types always have", () => {
    const { services } = stateOf({
      services: {
        kubeApi: {
          auditLog: { enabled: true, configuration: { policy: { kind: "Policy", typo: 1 } } },
          secretsEncryptionConfig: { enabled: true, customConfig: { resources: [{ providers: [{ kms: {} }] }] } },
        },
      },
    }) as Json;

    expect(services.kubeApi.auditLog.configuration.policy).toEqual({
      kind: "Policy",
      metadata: { creationTimestamp: null },
      rules: null,
    });
    expect(services.kubeApi.secretsEncryptionConfig.customConfig.resources).toEqual([
      { resources: null, providers: [{ kms: { apiVersion: "", name: "", endpoint: "" } }] },
    ]);
  });

  it("says false where cri-dockerd is turned off against the default", () => {
    const { enableCriDockerd } = stateOf({ kubernetesVersion: "v1.32.7-rancher1-1", enableCriDockerd: false });

    expect(enableCriDockerd).toBe(false);
  });

  it("leaves cri-dockerd open where it is off by default, as RKE does", () => {
    const { enableCriDockerd } = stateOf({ kubernetesVersion: "v1.23.16-rancher2-3" });

    expect(enableCriDockerd).toBeNull();
  });

  it("keeps the choice to accept any Docker, which RKE takes from its command line", () => {
    const { ignoreDockerVersion } = stateOf({ ignoreDockerVersion: true });

    expect(ignoreDockerVersion).toBe(true);
  });
});

describe("yamlForm", () => {
  it.each(validVectors)("is what RKE prints: %s", (name) => {
    const config = configOfVector(name);

    const yaml = yamlForm(config);

    expect(yaml).toEqual(expectedYaml(name));
  });

  it("leaves out blocks of vSphere with nothing in them", () => {
    const { cloud_provider } = yamlOf({
      cloudProvider: { vsphereCloudProvider: { disk: { scsicontrollertype: "" } } },
    });

    expect(cloud_provider).toEqual({ name: "vsphere", vsphereCloudProvider: {} });
  });

  it("has two lists of ACI always, the other settings when there is something in them", () => {
    const { network } = yamlOf({ network: { plugin: "aci", aciNetworkProvider: { systemId: "s" } } }) as Json;

    expect(network.aci_network_provider).toMatchObject({ apic_hosts: [], l3out_external_networks: [], system_id: "s" });
    expect(network.aci_network_provider).not.toHaveProperty("vmm_domain");
  });

  it("shows parts of pods as Go holds them", () => {
    const { ingress } = yamlOf({
      ingress: {
        extraEnvs: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1Mi" } } }],
        extraVolumeMounts: [{ name: "v", mountPath: "/v" }],
        extraVolumes: [{ name: "v", rbd: { monitors: ["m"], image: "i" } }],
      },
    }) as Json;

    expect(ingress.extra_envs).toEqual([
      {
        envvar: {
          name: "A",
          value: "",
          valuefrom: {
            fieldref: null,
            resourcefieldref: { containername: "", resource: "limits.cpu", divisor: { format: "BinarySI" } },
            configmapkeyref: null,
            secretkeyref: null,
          },
        },
      },
    ]);
    expect(ingress.extra_volume_mounts[0].volumemount).toMatchObject({ mountpath: "/v", mountpropagation: null });
    expect(ingress.extra_volumes[0].volume.volumesource).toMatchObject({
      hostpath: null,
      rbd: { cephmonitors: ["m"], rbdimage: "i", fstype: "", rbdpool: "", radosuser: "", secretref: null },
    });
  });
});

describe("fromStateForm", () => {
  it.each(withState)("gives the arguments of a cluster that RKE made: %s", (name) => {
    const state = peerPlan(name).stateRkeConfig;

    const config = configOf(fromStateForm(state));

    expect(stateForm(config)).toEqual(withDrainInput(state));
  });

  it("gives arguments that say what the configuration says, whatever it is", () => {
    const anyConfig = arbitraryCluster().map(configOf);

    fc.assert(
      fc.property(anyConfig, (config) => {
        const state = JSON.parse(JSON.stringify(stateForm(config)));
        const again = configOf(fromStateForm(state));
        expect(stateForm(again)).toEqual(state);
        expect(yamlForm(again)).toEqual(afterState(yamlForm(config)));
      }),
      { numRuns: 60 },
    );
  });

  it('takes a divisor that was not given for nought, as Go does: its state says "0" for both', () => {
    const config = configOf({
      ingress: { extraEnvs: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } }] },
    });
    const state = stateForm(config) as Json;
    const again = configOf(fromStateForm(JSON.parse(JSON.stringify(state))));
    const divisorIn = (form: Json) => form.ingress.extra_envs[0].envvar.valuefrom.resourcefieldref.divisor;

    expect(state.ingress.extraEnvs[0].valueFrom.resourceFieldRef.divisor).toBe("0");
    expect(divisorIn(yamlForm(config) as Json)).toEqual({ format: "" });
    expect(divisorIn(yamlForm(again) as Json)).toEqual({ format: "DecimalSI" });
  });

  it("drops what RKE 1.8 does not know, such as settings of older releases", () => {
    const args = fromStateForm({ clusterName: "c", services: { kubeApi: { podSecurityPolicy: true } } });

    expect(args).toEqual({ clusterName: "c", services: { kubeApi: {} } });
  });

  it.each([
    [{ nodes: "none" }, "nodes"],
    [{ nodes: [{ address: 5 }] }, "nodes[0].address"],
    [{ services: { etcd: [] } }, "services.etcd"],
  ])("leaves a value of the wrong kind for the schema to refuse: %j", (state, path) => {
    const { error } = cluster.safeParse(fromStateForm(state));

    expect(error?.issues.map((issue) => z.core.toDotPath(issue.path))).toEqual([path]);
  });
});

/** The configuration of a vector, by the same way as a file of a user. */
function configOfVector(name: string): ClusterConfig {
  // This file says a key twice, which RKE accepts and we refuse; its state says what RKE took.
  if (name === "yaml-quirks") return configOf(fromStateForm(peerPlan(name).stateRkeConfig));
  return configOf(readClusterYml(vector(name).clusterYml).args);
}

function configOf(args: unknown): ClusterConfig {
  const parsed = cluster.parse(args);
  return applyDefaults(parsed, releaseOfConfig(parsed));
}

/** What a YAML form looks like once the configuration has gone through a state, which has no absent quantities. */
function afterState(form: unknown): unknown {
  return JSON.parse(JSON.stringify(form), (key, value) =>
    key === "divisor" && isDeepStrictEqual(value, { format: "" }) ? { format: "DecimalSI" } : value,
  );
}

const stateOf = (args: ClusterArgs) => stateForm(configOf(args));
const yamlOf = (args: ClusterArgs) => yamlForm(configOf(args));

/** What RKE writes, with what is different in ours on purpose. */
function expectedState(name: string): Json {
  const state = withDrainInput(peerPlan(name).stateRkeConfig);
  dropImages(state.systemImages, (image) => delete state.systemImages[image]);
  return withKey(state);
}

/** What RKE prints, with what is different in ours on purpose. */
function expectedYaml(name: string): Json {
  const yaml = structuredClone(peerPlan(name).rkeConfig);
  yaml.upgrade_strategy.node_drain_input ??= {
    force: false,
    ignore_daemonsets: true,
    delete_local_data: false,
    grace_period: -1,
    timeout: 120,
  };
  dropImages(yaml.system_images, (image) => {
    yaml.system_images[image] = "";
  });
  return withKey(yaml);
}

/** RKE fills the drain input in when it applies a cluster, we do from the start. */
function withDrainInput(state: Json): Json {
  const own = structuredClone(state);
  own.upgradeStrategy.nodeDrainInput ??= { ignoreDaemonSets: true, gracePeriod: -1, timeout: 120 };
  return own;
}

/** RKE puts its default registry before images that a release does not have; we leave them empty. */
function dropImages(images: Json, drop: (image: string) => void): void {
  for (const [name, image] of Object.entries<string>(images)) if (image.endsWith("/")) drop(name);
}

/** The vectors leave out the private key of an external etcd. */
function withKey(form: Json): Json {
  const { etcd } = form.services;
  if (etcd.key?.includes("elided")) etcd.key = expect.stringContaining("PRIVATE KEY");
  return form;
}
