import { type RestoreMarker, restoreMarker, restoreMarkerPath } from "../../provider/steps/restore-marker.ts";
import type { EtcdCluster } from "./etcd-cluster.ts";
import type { Machine } from "./machine.ts";
import { endpointOf } from "./network.ts";
import type { World } from "./world.ts";

/**
 * Whether a whole etcd may stop, which nothing but a restore permits. The old one may, once every member of the new one has
 * its data beside the old ones and none has said that it is done. The new one may, as long as nobody has said that.
 */
export function mayStopForRestore(world: World, cluster: EtcdCluster): boolean {
  const restored = restoredClusters(world).filter((one) => markersOf(world, one).every(isOpen));
  if (restored.includes(cluster)) return true;
  return restored.some((one) => markersOf(world, one).length > 0 && !one.hasHadQuorum);
}

/** From when all data are there to when the restored API servers are: nobody may ask old ones, and new ones begin together. */
export const mayAllApiServersBeDown = (world: World): boolean =>
  restoredClusters(world).some((cluster) => {
    const markers = markersOf(world, cluster);
    return markers.length > 0 && markers.every((marker) => marker !== undefined && marker.stage !== "finished");
  });

const restoredClusters = ({ etcdClusters }: World): readonly EtcdCluster[] =>
  [...etcdClusters].filter(([lineage]) => lineage.includes(" restored ")).map(([, cluster]) => cluster);

const isOpen = (marker: RestoreMarker | undefined): boolean =>
  marker !== undefined && marker.stage !== "done" && marker.stage !== "finished";

/** What the machines of a cluster's members note. */
function markersOf({ machines }: World, { members }: EtcdCluster): readonly (RestoreMarker | undefined)[] {
  const hosts = [...members.values()].flatMap(({ peerURLs }) => peerURLs.map((url) => endpointOf(url).host));
  return machines.filter(({ internalAddress }) => hosts.includes(internalAddress)).map(markerOn);
}

function markerOn({ disk }: Machine): RestoreMarker | undefined {
  const path = disk.list("/").find((one) => one.endsWith(restoreMarkerPath));
  const parsed = restoreMarker.safeParse(JSON.parse(disk.read(path ?? "")?.toString("utf8") ?? "{}"));
  return parsed.success ? parsed.data : undefined;
}
