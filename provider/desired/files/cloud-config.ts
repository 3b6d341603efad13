import type { ClusterConfig } from "../../config/cluster-config.ts";
import { cloudProviderKind } from "../../config/defaults/cloud-provider.ts";
import { ini } from "./ini.ts";
import { vsphereConfig } from "./vsphere-config.ts";

type CloudProvider = ClusterConfig["cloudProvider"];

/** The text of the cloud configuration; empty for providers that need none, undefined without a provider. */
export function cloudConfigFile(provider: CloudProvider): string | undefined {
  if (!provider.name) return undefined;
  switch (cloudProviderKind(provider)) {
    case "aws":
      return awsConfig(provider.awsCloudProvider);
    case "azure":
      return azureConfig(provider.azureCloudProvider ?? {});
    case "openstack":
      return openstackConfig(provider.openstackCloudProvider ?? {});
    case "vsphere":
      return vsphereConfig(provider.vsphereCloudProvider ?? {});
    case "harvester":
      return provider.harvesterCloudProvider?.cloudConfig ?? "";
    case "custom":
      return provider.customCloudProvider ?? "";
    case undefined:
      return "";
  }
}

function awsConfig(aws: CloudProvider["awsCloudProvider"]): string {
  if (aws === undefined) return "";
  const given = aws.global ?? {};
  return ini([
    {
      name: "Global",
      values: {
        Zone: given.zone,
        VPC: given.vpc,
        SubnetID: given.subnetId,
        RouteTableID: given.routetableId,
        RoleARN: given.roleArn,
        KubernetesClusterTag: given.kubernetesClusterTag,
        KubernetesClusterID: given.kubernetesClusterId,
        DisableSecurityGroupIngress: given.disableSecurityGroupIngress,
        ElbSecurityGroup: given.elbSecurityGroup,
        DisableStrictZoneCheck: given.disableStrictZoneCheck,
      },
    },
  ]);
}

function openstackConfig(given: NonNullable<CloudProvider["openstackCloudProvider"]>): string {
  const { global = {}, loadBalancer = {}, blockStorage = {}, route = {}, metadata = {} } = given;
  return ini([
    {
      name: "Global",
      values: {
        "auth-url": global.authUrl,
        username: global.username,
        "user-id": global.userId,
        password: global.password,
        "tenant-id": global.tenantId,
        "tenant-name": global.tenantName,
        "trust-id": global.trustId,
        "domain-id": global.domainId,
        "domain-name": global.domainName,
        region: global.region,
        "ca-file": global.caFile,
      },
    },
    {
      name: "LoadBalancer",
      values: {
        "lb-version": loadBalancer.lbVersion,
        "use-octavia": loadBalancer.useOctavia,
        "subnet-id": loadBalancer.subnetId,
        "floating-network-id": loadBalancer.floatingNetworkId,
        "lb-method": loadBalancer.lbMethod,
        "lb-provider": loadBalancer.lbProvider,
        "create-monitor": loadBalancer.createMonitor,
        "monitor-delay": loadBalancer.monitorDelay,
        "monitor-timeout": loadBalancer.monitorTimeout,
        "monitor-max-retries": loadBalancer.monitorMaxRetries,
        "manage-security-groups": loadBalancer.manageSecurityGroups,
      },
    },
    {
      name: "BlockStorage",
      values: {
        "bs-version": blockStorage.bsVersion,
        "trust-device-path": blockStorage.trustDevicePath,
        "ignore-volume-az": blockStorage.ignoreVolumeAz,
      },
    },
    { name: "Route", values: { "router-id": route.routerId } },
    {
      name: "Metadata",
      values: { "search-order": metadata.searchOrder, "request-timeout": metadata.requestTimeout },
    },
  ]);
}

/** Azure's is JSON with an empty line between any two settings: RKE asks for a line break as the indentation. */
function azureConfig(given: NonNullable<CloudProvider["azureCloudProvider"]>): string {
  const lines = azureKeys
    .map(({ key, zero, optional }) => ({ key, value: given[key] ?? zero, optional }))
    .filter(({ key, value, optional }) => !optional || (given[key] !== undefined && value !== ""))
    .map(({ key, value }) => `"${key}": ${goJson(value)}`);
  return `{\n\n${lines.join(",\n\n")}\n}`;
}

/** Go escapes what could end a script element. */
const goJson = (value: string | number | boolean): string =>
  JSON.stringify(value).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026");

type Azure = NonNullable<CloudProvider["azureCloudProvider"]>;

const text = (key: keyof Azure, optional = false) => ({ key, zero: "", optional });
const flag = (key: keyof Azure, optional = false) => ({ key, zero: false, optional });
const whole = (key: keyof Azure) => ({ key, zero: 0, optional: false });

const azureKeys = [
  text("cloud"),
  text("tenantId"),
  text("subscriptionId"),
  text("resourceGroup"),
  text("location"),
  text("vnetName"),
  text("vnetResourceGroup"),
  text("subnetName"),
  text("securityGroupName"),
  text("securityGroupResourceGroup", true),
  text("routeTableName"),
  text("primaryAvailabilitySetName"),
  text("vmType"),
  text("primaryScaleSetName"),
  text("aadClientId"),
  text("aadClientSecret"),
  text("aadClientCertPath"),
  text("aadClientCertPassword"),
  flag("cloudProviderBackoff"),
  whole("cloudProviderBackoffRetries"),
  whole("cloudProviderBackoffExponent"),
  whole("cloudProviderBackoffDuration"),
  whole("cloudProviderBackoffJitter"),
  flag("cloudProviderRateLimit"),
  whole("cloudProviderRateLimitQPS"),
  whole("cloudProviderRateLimitBucket"),
  flag("useInstanceMetadata"),
  flag("useManagedIdentityExtension"),
  text("userAssignedIdentityID", true),
  whole("maximumLoadBalancerRuleCount"),
  text("loadBalancerSku", true),
  flag("excludeMasterFromStandardLB", true),
  text("tags", true),
];
