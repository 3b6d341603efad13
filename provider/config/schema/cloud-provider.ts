import { z } from "zod";

import { cased, named, secret } from "./naming.ts";
import { flag, text, whole } from "./values.ts";

const awsGlobal = cased(
  z.strictObject({
    zone: text(),
    vpc: text(),
    subnetId: text(),
    routetableId: text(),
    roleArn: text(),
    kubernetesClusterTag: text(),
    kubernetesClusterId: text(),
    disableSecurityGroupIngress: flag(),
    elbSecurityGroup: text(),
    disableStrictZoneCheck: flag(),
  }),
  "kebab",
);

const awsServiceOverride = cased(
  z.strictObject({
    service: text(),
    region: text(),
    url: text(),
    signingRegion: text(),
    signingMethod: text(),
    signingName: text(),
  }),
  "kebab",
);

/** The keys of this block are written alike in cluster.yml and here. */
const azure = cased(
  z.strictObject({
    cloud: text(),
    tenantId: text(),
    subscriptionId: text(),
    resourceGroup: text(),
    location: text(),
    vnetName: text(),
    vnetResourceGroup: text(),
    subnetName: text(),
    securityGroupName: text(),
    securityGroupResourceGroup: text(),
    routeTableName: text(),
    primaryAvailabilitySetName: text(),
    vmType: text(),
    primaryScaleSetName: text(),
    aadClientId: text(),
    aadClientSecret: secret(text()),
    aadClientCertPath: text(),
    aadClientCertPassword: secret(text()),
    cloudProviderBackoff: flag(),
    cloudProviderBackoffRetries: whole(),
    cloudProviderBackoffExponent: whole(),
    cloudProviderBackoffDuration: whole(),
    cloudProviderBackoffJitter: whole(),
    cloudProviderRateLimit: flag(),
    cloudProviderRateLimitQPS: whole(),
    cloudProviderRateLimitBucket: whole(),
    useInstanceMetadata: flag(),
    useManagedIdentityExtension: flag(),
    userAssignedIdentityID: text(),
    maximumLoadBalancerRuleCount: whole(),
    /** `basic` or `standard`. */
    loadBalancerSku: text(),
    excludeMasterFromStandardLB: flag(),
    tags: text(),
  }),
  "same",
);

const openstackGlobal = cased(
  z.strictObject({
    authUrl: text(),
    username: text(),
    userId: text(),
    password: secret(text()),
    tenantId: text(),
    tenantName: text(),
    trustId: text(),
    domainId: text(),
    domainName: text(),
    region: text(),
    caFile: text(),
  }),
  "kebab",
);

const openstackLoadBalancer = cased(
  z.strictObject({
    lbVersion: text(),
    useOctavia: flag(),
    subnetId: text(),
    floatingNetworkId: text(),
    lbMethod: text(),
    lbProvider: text(),
    createMonitor: flag(),
    monitorDelay: text(),
    monitorTimeout: text(),
    monitorMaxRetries: whole(),
    manageSecurityGroups: flag(),
  }),
  "kebab",
);

const openstackBlockStorage = cased(
  z.strictObject({ bsVersion: text(), trustDevicePath: flag(), ignoreVolumeAz: flag() }),
  "kebab",
);

const openstack = z.strictObject({
  global: openstackGlobal.optional(),
  loadBalancer: openstackLoadBalancer.optional(),
  blockStorage: openstackBlockStorage.optional(),
  route: cased(z.strictObject({ routerId: text() }), "kebab").optional(),
  metadata: cased(z.strictObject({ searchOrder: text(), requestTimeout: whole() }), "kebab").optional(),
});

const vsphereGlobal = cased(
  z.strictObject({
    user: text(),
    password: secret(text()),
    server: text(),
    port: text(),
    insecureFlag: flag(),
    datacenter: text(),
    datacenters: text(),
    datastore: text(),
    workingDir: text(),
    soapRoundtripCount: whole(),
    vmUuid: text(),
    vmName: text(),
  }),
  "kebab",
);

const vsphereVirtualCenter = cased(
  z.strictObject({
    user: text(),
    password: secret(text()),
    port: text(),
    datacenters: text(),
    soapRoundtripCount: whole(),
  }),
  "kebab",
);

const vsphereWorkspace = cased(
  z.strictObject({
    server: text(),
    datacenter: text(),
    folder: text(),
    defaultDatastore: text(),
    resourcepoolPath: text(),
  }),
  "kebab",
);

const vsphere = z.strictObject({
  global: vsphereGlobal.optional(),
  /** vCenters by address. */
  virtualCenter: z.record(z.string(), vsphereVirtualCenter).optional(),
  network: cased(z.strictObject({ publicNetwork: text() }), "kebab").optional(),
  disk: cased(z.strictObject({ scsicontrollertype: text() }), "kebab").optional(),
  workspace: vsphereWorkspace.optional(),
});

const same = <T extends z.core.$ZodType>(key: string, schema: T): T => named(schema, { yaml: key, state: key });

export const cloudProvider = z.strictObject({
  /** `aws` (before Kubernetes 1.27), `azure`, `openstack`, `vsphere`, `harvester`, `external`, `external-aws`, or any name with `customCloudProvider`. */
  name: text(),
  /** Let the machine's EC2 metadata name the node (`aws`, `external-aws`). */
  useInstanceMetadataHostname: same("useInstanceMetadataHostname", z.boolean().optional()),
  awsCloudProvider: same(
    "awsCloudProvider",
    z
      .strictObject({
        global: awsGlobal.optional(),
        serviceOverride: z.record(z.string(), awsServiceOverride).optional(),
      })
      .optional(),
  ),
  azureCloudProvider: same("azureCloudProvider", azure.optional()),
  openstackCloudProvider: same("openstackCloudProvider", openstack.optional()),
  vsphereCloudProvider: same("vsphereCloudProvider", vsphere.optional()),
  harvesterCloudProvider: same("harvesterCloudProvider", z.strictObject({ cloudConfig: secret(text()) }).optional()),
  /** Text of the cloud configuration, used as it is. Needs `name`. */
  customCloudProvider: same("customCloudProvider", z.string().optional()),
});
