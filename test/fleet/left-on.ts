import type { Fleet } from "./fleet.ts";

/** The container names and the files below the folders of RKE that lie on any machine. */
export const leftOn = (fleet: Fleet): readonly string[] =>
  fleet.nodes.flatMap(({ machine }) => [
    ...[...machine.containers.values()].map((container) => `${machine.name}: ${container.name}`),
    ...["/etc/kubernetes", "/var/lib/etcd", "/var/lib/rancher"].flatMap((path) =>
      machine.disk.list(path).map((file) => `${machine.name}: ${file}`),
    ),
  ]);
