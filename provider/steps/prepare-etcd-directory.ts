import { prefixed } from "../desired/paths.ts";
import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { helperNames } from "./our-containers.ts";
import { runOnce } from "./run-once.ts";
import { defineStep } from "./step.ts";

export interface PrepareEtcdDirectoryParams {
  readonly node: string;
  readonly prefixPath: string;
  /** Whom etcd runs as; 0 for root. */
  readonly uid: number;
  readonly gid: number;
  readonly image: string;
  /**
   * For a member that joins: what a member of an earlier life has left is deleted, for etcd would go on as that one. Asked
   * for only when no member of the cluster has its data here.
   */
  readonly isFresh?: boolean;
}

/** Makes etcd's directory what etcd insists on: its own, and nobody else's to read. */
export const prepareEtcdDirectory = defineStep<PrepareEtcdDirectoryParams>("prepare-etcd-directory", {
  title: ({ isFresh }) => (isFresh === true ? "empty and prepare etcd's directory" : "prepare etcd's directory"),

  async run(params, context) {
    const { node, prefixPath, uid, gid, image, isFresh = false } = params;
    if (isFresh) await refuseWhileInUse(params, context);
    const spec = {
      name: helperNames.etcdDirectory,
      image,
      entrypoint: ["sh", "-c", script],
      env: [`OWNER=${uid}:${gid}`, `FRESH=${isFresh}`],
      binds: [`${prefixed(prefixPath, "/var/lib/etcd")}:${inside}`],
      networkMode: "none",
      privileged: true,
    } as const;
    const { stdout } = await runOnce(node, spec, { context, doing: "prepare etcd's directory", limitMs: 600_000 });
    return stdout.includes("changed") ? "changed" : "unchanged";
  },
});

const inside = "/var/lib/rancher/etcd";

/** Plain sh, with what busybox has. */
const script = `set -e
d=${inside}
if [ "$FRESH" = true ] && [ -n "$(ls -A $d)" ]; then find $d -mindepth 1 -delete; echo changed; fi
if [ "$(stat -c %a $d)" != 700 ]; then chmod 700 $d; echo changed; fi
if [ -n "$(find $d ! -user "\${OWNER%:*}" -o ! -group "\${OWNER#*:}" | head -n 1)" ]; then
  chown -R "$OWNER" $d; echo changed
fi`;

async function refuseWhileInUse({ node }: PrepareEtcdDirectoryParams, context: Context): Promise<void> {
  const etcd = await context.docker(node).inspect("etcd", { signal: context.signal });
  if (etcd?.State.Running !== true) return;
  throw new RkeError("unsafe", {
    doing: "empty etcd's directory",
    node: context.nameOf(node),
    because: "the container etcd runs on it",
    hint: "If its data are of no use, stop it (docker rm -f etcd) and run it again",
  });
}
