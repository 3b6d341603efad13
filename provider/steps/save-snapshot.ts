import { z } from "zod";
import { prefixed } from "../desired/paths.ts";
import { etcdLocalAddress } from "../desired/services/etcd.ts";
import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { filesOf } from "../pki/files.ts";
import { KUBE_CA, KUBE_NODE } from "../pki/names.ts";
import { snapshotFolder } from "../snapshots/manifest.ts";
import { helperNames } from "./our-containers.ts";
import { runOnce } from "./run-once.ts";

export interface SaveSnapshotParams {
  /** Address of the machine whose member is asked. */
  readonly node: string;
  readonly internalAddress: string;
  readonly prefixPath: string;
  /** RKE's tools: `etcdctl` and a shell. */
  readonly image: string;
  /** Name of the file in the folder of snapshots, which gets the plain database. */
  readonly file: string;
  /** Once the new file has passed, few of those stay whose names are this and a time. */
  readonly keep?: Retention;
  readonly limitMs?: number;
}

export interface Retention {
  readonly prefix: string;
  /** How many of the newest stay. */
  readonly newest: number;
  /** A name; the first one from it on stays as well. */
  readonly firstSince: string;
}

/** What etcd's own tool says of a snapshot after it has checked all of it. */
export interface SavedSnapshot {
  /** Checksum of all keys and values, as etcd's tool prints it. */
  readonly hash: number;
  readonly revision: number;
  readonly totalKeys: number;
  readonly sizeBytes: number;
}

/**
 * Has a member write its database into a file of its machine, and etcd's own tool check that file from the first page to the
 * last. A file that does not pass is removed again.
 */
export async function saveSnapshot(params: SaveSnapshotParams, context: Context): Promise<SavedSnapshot> {
  const { node, internalAddress, prefixPath, image, file, keep, limitMs = 600_000 } = params;
  const doing = "take a snapshot of etcd";
  const client = filesOf(KUBE_NODE);
  const spec = {
    name: helperNames.snapshot,
    image,
    entrypoint: ["sh", "-c", script, "save-snapshot"],
    cmd: [
      `${inside}/${file}`,
      `--endpoints=https://${etcdLocalAddress({ address: node, internalAddress })}:2379`,
      `--cacert=${filesOf(KUBE_CA).path}`,
      `--cert=${client.path}`,
      `--key=${client.keyPath}`,
    ],
    env: ["ETCDCTL_API=3", ...(keep === undefined ? [] : environmentOf(keep))],
    binds: [`${snapshotFolder}:${inside}`, `${prefixed(prefixPath, "/etc/kubernetes")}:/etc/kubernetes:ro`],
    networkMode: "host",
    privileged: true,
  } as const;
  const { stdout } = await runOnce(node, spec, { context, doing, limitMs });
  const parsed = status.safeParse(jsonIn(stdout));
  if (parsed.success) return parsed.data;
  throw new RkeError("etcd", {
    doing,
    node: context.nameOf(node),
    because: `etcdctl did not say what is in it: "${stdout.trim().slice(0, 200)}"`,
    hint: `The image ${image} should have etcdctl 3.x: compare systemImages.alpine with that of the release`,
  });
}

const environmentOf = ({ prefix, newest, firstSince }: Retention): readonly string[] => [
  `PREFIX=${prefix}`,
  `NEWEST=${newest}`,
  `SINCE=${firstSince}`,
];

const inside = "/backup";

/** Plain sh, with what busybox has. */
const script = `set -e
umask 077
f=$1; shift
trap 'rm -f "$f" "$f.part"' EXIT
rm -f "$f" "$f.part"
/usr/local/bin/etcdctl "$@" snapshot save "$f" >&2
/usr/local/bin/etcdctl snapshot status "$f" --write-out=json
trap - EXIT
[ -n "$PREFIX" ] || exit 0
cd "\${f%/*}"
family() { ls | grep "^$PREFIX[0-9TZ-]*$"; }
first=$(family | sort | while read -r one; do
  if [ "$(printf '%s\\n' "$SINCE" "$one" | sort | head -n 1)" = "$SINCE" ]; then echo "$one"; break; fi
done)
{ family | sort -r | sed "1,\${NEWEST}d" | grep -vxF "$first"; ls | grep "^$PREFIX[0-9TZ-]*.part$"; } |
  while read -r old; do rm -f "$old"; done`;

const status = z.object({ hash: z.number(), revision: z.int(), totalKey: z.int(), totalSize: z.int() }).transform(
  ({ hash, revision, totalKey, totalSize }): SavedSnapshot => ({
    hash,
    revision,
    totalKeys: totalKey,
    sizeBytes: totalSize,
  }),
);

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.indexOf("{")));
  } catch {
    return undefined;
  }
}
