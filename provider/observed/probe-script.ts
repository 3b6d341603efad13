import { snapshotFolder } from "../snapshots/manifest.ts";
import { markerPath } from "../steps/files-marker.ts";
import { restoreMarkerPath } from "../steps/restore-marker.ts";

/** The name under which the script runs, in process lists and in the logs of sshd. */
export const probeName = "pulumi-rke-probe";

/**
 * A command that prints what Docker does not tell about a machine, a fact a line. It changes nothing, needs no rights and
 * only what every Linux has; what a machine does not know it leaves out. Prefixes are where `/etc/kubernetes` and
 * `/var/lib/etcd` may lie below; the empty one is the root.
 */
export const probeCommand = (prefixes: readonly string[]): string =>
  ["sh", "-c", quoted(script), probeName, ...prefixes.map(quoted)].join(" ");

/** Recurring ones are six by default; who keeps more of others than this is told of the newest. */
const MOST_SNAPSHOTS = 100;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

// One line, because csh takes no other in quotes; no single quotes in it for the same reason.
const script = [
  "exec 2>/dev/null; c=; LC_ALL=C; PATH=$PATH:/usr/sbin:/sbin; export LC_ALL PATH;",
  'echo "clock $(date +%s%N)";',
  'echo "hostname $(cat /proc/sys/kernel/hostname)";',
  'if [ -r /etc/machine-id ]; then echo "machine-id $(cat /etc/machine-id)"; fi;',
  'while read -r k v r; do if [ "$k" = SwapTotal: ]; then echo "swap $v"; fi; done </proc/meminfo;',
  'echo "cgroup $(stat -fc %T /sys/fs/cgroup)";',

  // Docker's images and etcd's data may lie on file systems of their own; what does not exist yet will lie where its parent is.
  'space() { e=$1; while [ ! -e "$e" ]; do e=$(dirname "$e"); done; echo "disk $1|$(df -Pk "$e" | sed -n 2p)"; };',
  `space /; space /var/lib/docker; space ${snapshotFolder};`,
  'df -Pkl | grep -Ev "^(Filesystem|overlay|tmpfs|shm|devtmpfs|udev|none|nsfs|cgroup)" | sed "s/^/mount /";',

  "if [ -d /sys/module/br_netfilter ] || [ -d /proc/sys/net/bridge ]; then echo br_netfilter loaded;",
  'else m="/lib/modules/$(uname -r)"; if grep -qs br_netfilter "$m/modules.dep" "$m/modules.builtin";',
  'then echo br_netfilter available; elif [ -r "$m/modules.dep" ]; then echo br_netfilter missing; fi; fi;',
  "for s in net/ipv4/ip_forward net/bridge/bridge-nf-call-iptables;",
  'do if [ -r "/proc/sys/$s" ]; then echo "sysctl $s $(cat "/proc/sys/$s")"; fi; done;',

  'if command -v ip >/dev/null; then ip -o addr show | while read -r n i f a r; do echo "address $i $a"; done;',
  'else for a in $(hostname -I); do echo "address - $a"; done; fi;',
  'if command -v ss >/dev/null; then ss -tlnp | sed -n "s/^LISTEN /listen /p";',
  'else cat /proc/net/tcp /proc/net/tcp6 | sed -n "s/^ *[0-9]*: /socket /p"; fi;',

  // That there is nothing can only be said by who may look.
  `b=${snapshotFolder}; e=$b; while [ ! -e "$e" ]; do e=$(dirname "$e"); done;`,
  'if [ -x "$e" ] && { [ "$e" != "$b" ] || [ -r "$e" ]; }; then echo "snapshots seen";',
  `find "$b" -maxdepth 1 -type f ! -name "*.part" -exec stat -c "snapshot %s %Y %n" {} + | sort -k3nr | sed ${MOST_SNAPSHOTS}q; fi;`,

  // A directory that may not be read still counts its subdirectories, on most file systems.
  'holds() { if [ ! -d "$1" ]; then return; fi; if [ -r "$1" ] && [ -x "$1" ];',
  'then if [ -n "$(find "$1" ! -type d 2>&1 | sed q)" ]; then echo "holds $1"; fi;',
  'else if [ "$(stat -c %h "$1")" != 2 ]; then echo "holds $1"; fi; fi; };',
  "for d in /etc/cni /opt/cni /var/lib/calico /var/run/calico /var/lib/weave; do holds $d; done;",
  'for p in "$@"; do for d in /etc/kubernetes /var/lib/etcd /var/lib/kubelet /var/lib/cni; do holds "$p$d"; done;',
  'space "$p/var/lib/etcd"; s="$p/etc/kubernetes/ssl";',
  'if [ -z "$c" ] && [ -f "$s/kube-ca.pem" ]; then c=1; echo "ca-mode $(stat -c %a "$s/kube-ca.pem")";',
  `sed "s/^/ca /" "$s/kube-ca.pem"; echo; if [ -r "$p${markerPath}" ]; then sed "s/^/marker /" "$p${markerPath}"; echo; fi;`,
  `if [ -r "$p${restoreMarkerPath}" ]; then sed "s/^/restore /" "$p${restoreMarkerPath}"; echo; fi; fi; done;`,
  'echo "clock-end $(date +%s%N)"',
].join(" ");
