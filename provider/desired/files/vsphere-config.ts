import type { ClusterConfig } from "../../config/cluster-config.ts";

type Vsphere = NonNullable<ClusterConfig["cloudProvider"]["vsphereCloudProvider"]>;
type Values = readonly (readonly [string, string | number | boolean | undefined])[];

/** vSphere's configuration. RKE quotes its values without escaping what is in them; so must we, or the text differs. */
export function vsphereConfig({ global = {}, virtualCenter = {}, workspace = {}, disk, network }: Vsphere): string {
  return [
    "",
    "[Global]",
    ...always([
      ["user", global.user],
      ["password", global.password],
    ]),
    ...given([
      ["server", global.server],
      ["port", global.port],
    ]),
    ...always([["insecure-flag", global.insecureFlag ?? false]]),
    ...given([
      ["datacenters", global.datacenters],
      ["datacenter", global.datacenter],
      ["datastore", global.datastore],
      ["working-dir", global.workingDir],
    ]),
    ...always([["soap-roundtrip-count", global.soapRoundtripCount ?? 0]]),
    ...given([
      ["vm-uuid", global.vmUuid],
      ["vm-name", global.vmName],
    ]),
    "",
    ...centers(virtualCenter),
    "",
    "[Workspace]",
    ...indented(
      always([
        ["server", workspace.server],
        ["datacenter", workspace.datacenter],
        ["folder", workspace.folder],
        ["default-datastore", workspace.defaultDatastore],
        ["resourcepool-path", workspace.resourcepoolPath],
      ]),
    ),
    "",
    "[Disk]",
    ...indented(bare("scsicontrollertype", disk?.scsicontrollertype)),
    "",
    "[Network]",
    ...indented(given([["public-network", network?.publicNetwork]])),
    "",
  ].join("\n");
}

function centers(virtualCenter: NonNullable<Vsphere["virtualCenter"]>): readonly string[] {
  const blocks = Object.entries(virtualCenter)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([address, center]) => [
      `[VirtualCenter "${address}"]`,
      ...indented([
        ...always([
          ["user", center.user],
          ["password", center.password],
        ]),
        ...given([
          ["port", center.port],
          ["datacenters", center.datacenters],
        ]),
        ...always([["soap-roundtrip-count", center.soapRoundtripCount ?? 0]]),
      ]),
    ]);
  return ["", ...blocks];
}

const always = (values: Values): readonly string[] => values.map(([key, value]) => `${key} = "${value ?? ""}"`);
const given = (values: Values): readonly string[] => always(values.filter(([, value]) => Boolean(value)));
const bare = (key: string, value: string | undefined): readonly string[] => (value ? [`${key} = ${value}`] : []);
const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `        ${line}`);
