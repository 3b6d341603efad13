import { nodeName, onNode } from "./machines.ts";

/** Tells what is on machines that was not there when this was called, but for what changes have saved: only people delete that. */
export function leftoversOn(machines: readonly number[]): (...indices: readonly number[]) => readonly string[] {
  const before = new Map(machines.map((index) => [index, new Set(sightOf(index))]));
  return (...indices) =>
    indices.flatMap((index) =>
      sightOf(index)
        .filter((line) => !before.get(index)?.has(line) && !ofSnapshots.test(line))
        .map((line) => `${nodeName(index)}: ${line}`),
    );
}

/** What a change of etcd saves before, and the folders that hold it. */
const ofSnapshots = /^file \/opt\/rke(\/etcd-snapshots(\/pulumi-rke-before-change-\S+)?)?$/;

/**
 * All of a machine that a cluster may leave something in, a line each: containers, volumes, mounts, network interfaces,
 * rules of iptables, files. Pulled images are no leftovers.
 */
const sightOf = (index: number): readonly string[] => onNode(index, script).trim().split("\n").sort();

// Not shown are Docker's own layers, the name server that the lab's Docker gives its machines (it has other ports after
// each start), and what mount(8) and iptables note for themselves.
const script = `
docker ps -a --format 'container {{.Names}}'
docker volume ls --format 'volume {{.Name}}'
docker network ls --format 'network {{.Name}}'
awk '{ print "mount " $2 }' /proc/mounts | grep -v -e ' /var/lib/docker/' -e ' /run/docker/'
ip -o link | sed -E 's/^[0-9]+: ([^:@]+).*/interface \\1/'
ip route | sed 's/^/route /'
for table in filter nat mangle; do iptables -t $table -S | grep -v 127.0.0.11 | sed "s/^/$table /"; done
ipset list -n 2>/dev/null | sed 's/^/ipset /'
find /etc /opt /var/lib /var/log /run -xdev -path /var/lib/docker -prune -o -path /run/docker -prune -o \\
  -path /run/mount -prune -o -path /run/xtables.lock -prune -o -path /var/lib/containerd -prune -o -path /run/containerd -prune -o -printf 'file %p\\n'
`;
