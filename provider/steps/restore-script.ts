import { prefixed } from "../desired/paths.ts";
import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { helperNames } from "./our-containers.ts";
import { restoreMarkerPath } from "./restore-marker.ts";
import { runOnce } from "./run-once.ts";

/** A machine whose etcd data are exchanged, and for which restore. */
export interface RestorePlace {
  readonly node: string;
  readonly prefixPath: string;
  /** RKE's tools: `etcdctl`, a shell and what busybox has. */
  readonly image: string;
  /** Of the folder in etcd's directory that has the new data, and later the old ones. */
  readonly id: string;
  /** Of the snapshot. */
  readonly name: string;
}

type Verb = "prepare" | "stage" | "switch" | "return" | "done" | "finished" | "discard";

interface RestoreOptions {
  readonly context: Context;
  readonly doing: string;
  readonly env?: readonly string[];
  /** The time to note; default: now. */
  readonly at?: string | undefined;
  readonly limitMs?: number;
  /** Is done to the container before it starts. */
  readonly before?: (container: string) => Promise<void>;
}

/** Where etcd's directory lies in the container. */
export const etcdInside = "/var/lib/rancher/etcd";

/** The folder of a restore in it. */
export const restoreFolder = (id: string): string => `${etcdInside}/.pulumi-rke-restore/${id}`;

/** Does one thing to the data of a machine, and returns what was said about it. */
export async function runRestore(
  verb: Verb,
  { node, prefixPath, image, id, name }: RestorePlace,
  { context, doing, env = [], at = context.clock().toISOString(), limitMs = 600_000, before }: RestoreOptions,
): Promise<string> {
  const spec = {
    name: helperNames.restore,
    image,
    entrypoint: ["sh", "-c", restoreScript, "restore"],
    cmd: [verb],
    env: ["ETCDCTL_API=3", `ID=${id}`, `NAME=${name}`, `AT=${at}`, ...env],
    binds: [
      `${prefixed(prefixPath, "/var/lib/etcd")}:${etcdInside}`,
      `${prefixed(prefixPath, "/etc/kubernetes")}:/etc/kubernetes`,
    ],
    networkMode: "none",
    privileged: true,
  } as const;
  const { stdout } = await runOnce(node, spec, { context, doing, limitMs, ...(before && { before }) });
  return stdout;
}

/** An etcd that runs would go on with files that it has open, wherever they have been moved. */
export async function refuseWhileEtcdRuns({ node }: RestorePlace, doing: string, context: Context): Promise<void> {
  const etcd = await context.docker(node).inspect("etcd", { signal: context.signal });
  if (etcd?.State.Running !== true) return;
  throw new RkeError("unsafe", {
    doing,
    node: context.nameOf(node),
    because: "the container etcd runs on it, and nobody should have started it by now",
    hint: "Run it again: it is stopped then. Look who starts containers on this machine",
  });
}

/**
 * Plain sh, with what busybox has. All data stay within etcd's own directory: a rename is all or nothing there, even where the
 * directory is a file system of its own, and everything that cleans or protects the one cleans and protects the other.
 *
 * In the folder of a restore lie `new` (the restored data, until they are in place), `old` (what was there before) and, while
 * those are put back, `back` and `aside`. What ends in `.part` is not whole. Whoever is killed leaves a state from which the
 * same verb goes on.
 */
export const restoreScript = `set -e
umask 077
d=${etcdInside} r=$d/.pulumi-rke-restore
o=$r/$ID m=${restoreMarkerPath}
note() {
  printf '{"stage":"%s","id":"%s","name":"%s","sha256":"%s","at":"%s"}\\n' "$1" "$ID" "$NAME" "\${SHA256:-$(cat "$o/sha256")}" "$AT" >"$m.part"
  chmod 644 "$m.part"; sync; mv "$m.part" "$m"; sync
  echo changed
}
is() { grep -q "\\"stage\\":\\"$1\\",\\"id\\":\\"$ID\\"" "$m" 2>/dev/null; }
fail() { echo "$1" >&2; exit 1; }
move() { find "$1" -mindepth 1 -maxdepth 1 ! -name .pulumi-rke-restore ! -name lost+found -exec mv {} "$2/" \\;; }
begun() { [ -d "$1/old.part" ] || [ -d "$1/old" ] || [ -d "$1/back" ]; }
alone() {
  for other in "$r"/*; do
    if [ "$other" = "$o" ] || [ ! -d "$other" ]; then continue; fi
    if begun "$other" && [ ! -e "$other/done" ]; then fail "the data from before another restore are in $other"; fi
    rm -rf "$other"
  done
}
case $1 in
prepare)
  alone
  mkdir -p "$o"
  if [ -d "$o/new" ] && ! begun "$o" && [ "$(cat "$o/sha256")" != "$SHA256" ]; then rm -rf "$o/new"; fi
  rm -rf "$o/new.part" "$o/snapshot.part" "$o/snapshot.db"
  if begun "$o"; then :
  elif [ -d "$o/new" ]; then is staged || note staged
  else is staging || note staging; fi
  if [ -d "$o/new" ] || begun "$o"; then echo "staged $(cat "$o/sha256")"; fi
  echo "free $(df -Pk "$d" | tail -n 1 | awk '{ print $4 }')";;
stage)
  cd "$o"
  [ "$(sha256sum snapshot.part | cut -d ' ' -f 1)" = "$SHA256" ] || fail "what arrived is not what was sent"
  mv snapshot.part snapshot.db
  /usr/local/bin/etcdctl snapshot status snapshot.db --write-out=json >status
  for said in "\\"revision\\":$REVISION" "\\"totalKey\\":$KEYS"; do
    case $said in *:) continue;; esac
    grep -q "$said[,}]" status || fail "the manifest says $said, and etcdctl says $(cat status)"
  done
  /usr/local/bin/etcdctl snapshot restore snapshot.db --data-dir="$o/new.part" --name="$MEMBER" \\
    --initial-cluster="$CLUSTER" --initial-cluster-token="$TOKEN" --initial-advertise-peer-urls="$PEER" >&2
  chown -R "$OWNER" new.part
  rm -f snapshot.db status
  echo "$SHA256" >sha256
  sync
  mv new.part new
  note staged;;
switch)
  if [ -d "$o/back" ]; then fail "the old data are being put back"; fi
  if [ ! -d "$o/old" ]; then
    [ -d "$o/new" ] || fail "there are no restored data on this machine"
    is switching || note switching
    mkdir -p "$o/old.part"
    move "$d" "$o/old.part"
    sync
    mv "$o/old.part" "$o/old"
  fi
  if [ -d "$o/new" ]; then
    if [ -d "$o/new/member" ]; then mv "$o/new/member" "$d/member"; fi
    rmdir "$o/new"
  fi
  [ -d "$d/member" ] || fail "the restored data are gone"
  is switched || note switched;;
return)
  if [ -d "$o/old.part" ] || [ -d "$o/old" ]; then
    is returning || note returning
    if [ -d "$o/old.part" ]; then move "$o/old.part" "$d"; rmdir "$o/old.part"; else mv "$o/old" "$o/back"; fi
  fi
  if [ -d "$o/back" ]; then
    if [ ! -d "$o/aside" ]; then
      mkdir -p "$o/aside.part"
      move "$d" "$o/aside.part"
      mv "$o/aside.part" "$o/aside"
    fi
    move "$o/back" "$d"
    sync
    rmdir "$o/back"
  fi
  alone
  if [ -d "$r" ] || [ -e "$m" ]; then rm -rf "$r"; rm -f "$m"; echo changed; fi;;
done)
  if [ -d "$o" ]; then touch "$o/done"; fi
  is done || is finished || note done;;
finished)
  is finished || note finished;;
discard)
  alone
  if begun "$o" && [ ! -e "$o/done" ]; then fail "the restore is not done, and its old data are in $o"; fi
  if [ -d "$r" ] || [ -e "$m" ]; then rm -rf "$r"; rm -f "$m"; echo changed; fi;;
esac`;
