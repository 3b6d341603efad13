/**
 * The program that takes away what a cluster leaves on a machine beside containers. Plain sh with what busybox has.
 * Arguments are the directories to remove. It runs with the machine's network and processes; directories are removed from
 * within the machine's own mounts, so that what is mounted below them is unmounted for everybody, and what cannot be
 * unmounted is never emptied.
 *
 * Prints `removed …` for what it did and `left …` for what it could not do.
 */
export const cleanScript = `
ours='^(KUBE-|CNI-|cali-|FLANNEL-|WEAVE)'

# Takes our chains out of one table, and the rules of others that lead into them, in one transaction.
clean_table() { # SAVE RESTORE TABLE
  edits=$($1 -t "$3" 2>/dev/null | awk -v table="$3" -v ours="$ours" '
    /^:/ { name = substr($1, 2); if (name ~ ours) chains[++count] = name; next }
    /^-A / {
      if ($2 ~ ours) next
      leads = $0 ~ /--comment "?(cali:|flanneld )/
      for (i = 3; i < NF; i++) if (($i == "-j" || $i == "-g") && $(i + 1) ~ ours) leads = 1
      if (leads) { sub(/^-A/, "-D"); rules = rules $0 "\\n" }
    }
    END {
      if (count == 0 && rules == "") exit
      printf "*%s\\n%s", table, rules
      for (i = 1; i <= count; i++) print "-F " chains[i]
      for (i = 1; i <= count; i++) print "-X " chains[i]
      print "COMMIT"
    }')
  [ -n "$edits" ] || return 0
  if said=$(printf "%s\\n" "$edits" | $2 --noflush 2>&1); then echo "removed $1 $3"; else echo "left rules of table $3: $said" | head -n 1; fi
}

# A machine may have rules of both kinds. Asking for the old kind loads its modules, so that is asked only where they are.
clean_rules() { # PREFIX: of a command that runs in the machine's own mounts, or nothing
  for family in ip ip6; do
    for kind in nft legacy; do
      save="$1\${family}tables-$kind-save" restore="$1\${family}tables-$kind-restore"
      $1 sh -c "command -v \${family}tables-$kind-save" >/dev/null 2>&1 || continue
      if [ $kind = legacy ] && [ ! -s /proc/net/\${family}_tables_names ]; then continue; fi
      for table in filter nat mangle raw; do clean_table "$save" "$restore" $table; done
    done
    $1 sh -c "command -v \${family}tables-nft-save || command -v \${family}tables-legacy-save" >/dev/null 2>&1 && continue
    $1 sh -c "command -v \${family}tables-save" >/dev/null 2>&1 || continue
    for table in filter nat mangle raw; do clean_table "$1\${family}tables-save" "$1\${family}tables-restore" $table; done
  done
}

clean_network() {
  clean_rules ''
  clean_rules 'nsenter -t 1 -m -- '
  if command -v nft >/dev/null 2>&1; then
    for family in ip ip6; do
      nft delete table $family kube-proxy 2>/dev/null && echo "removed nft $family kube-proxy"
    done
  fi
  if [ -e /sys/class/net/kube-ipvs0 ] && command -v ipvsadm >/dev/null 2>&1; then
    ipvsadm -C && echo "removed virtual servers"
  fi
  if command -v ipset >/dev/null 2>&1; then
    for set in $(ipset list -n 2>/dev/null | grep -E '^(KUBE-|cali|weave)'); do
      ipset destroy "$set" 2>/dev/null && echo "removed set $set"
    done
  fi
  ip route 2>/dev/null | grep -E '^blackhole .* proto (bird|80)( |$)' | while read -r _ range _; do
    ip route del blackhole "$range" && echo "removed route $range"
  done
  for path in /sys/class/net/*; do
    name=\${path##*/}
    case $name in
      flannel.* | flannel-v6.* | cni0 | vxlan.calico | vxlan-v6.calico | cali[0-9a-f]* | weave | datapath | vethwe-* | \\
        vxlan-6784 | kube-ipvs0 | nodelocaldns | kube-bridge)
        if ip link delete "$name" 2>/dev/null; then echo "removed interface $name"; fi
        [ ! -e "$path" ] || echo "left interface $name"
        ;;
      # The kernel makes it with its module, and it goes only with that.
      tunl0) if [ -n "$(ip -4 addr show dev tunl0 | grep inet)" ]; then ip addr flush dev tunl0; ip link set tunl0 down; echo "removed addresses of tunl0"; fi ;;
    esac
  done
}

clean_files='
mounted() { while read -r _ _ _ _ at _; do case $at in "$1"/*) echo "$at" ;; esac; done </proc/self/mountinfo | sort -r; }
for given in "$@"; do
  [ -d "$given" ] || continue
  dir=$(readlink -f "$given")
  case $dir in /*/*) ;; *) echo "left $given: it is $dir"; continue ;; esac
  mounted "$dir" | while read -r at; do at=$(printf %b "$at"); umount "$at" 2>/dev/null || umount -l "$at"; done
  if [ -n "$(mounted "$dir")" ]; then echo "left $given: something is mounted below it"; continue; fi
  if [ -z "$(ls -A "$dir")" ]; then rmdir "$dir" 2>/dev/null; continue; fi
  if find "$dir" -mindepth 1 -delete; then echo "removed $given"; else echo "left $given"; fi
  # One that is a mount, or in use as such, stays.
  rmdir "$dir" 2>/dev/null
done
# Docker makes what a container mounts and the machine lacks.
for made in /var/lib/rancher/rke/log /var/lib/rancher/rke /var/lib/rancher /opt/rke/etcd-snapshots /opt/rke /etc/ceph; do rmdir "$made" 2>/dev/null; done
for socket in /run/cri-dockerd.sock /run/dockershim.sock; do
  if [ -S "$socket" ] && ! grep -q "$socket$" /proc/net/unix; then rm -f "$socket" && echo "removed $socket"; fi
done
'

clean_network
nsenter -t 1 -m -- sh -c "$clean_files" clean "$@" || echo "left directories: no way into the machine's mounts"
`;
