import { prefixed } from "../desired/paths.ts";
import { helperNames } from "./our-containers.ts";
import { runOnce } from "./run-once.ts";
import { defineStep } from "./step.ts";

export interface MeasureFsyncParams {
  readonly node: string;
  readonly prefixPath: string;
  readonly image: string;
  /** Slower than this, and a person is told. etcd asks for 10 ms in 99 of 100 cases. */
  readonly limitMs?: number;
}

/** Measures how long the disk under etcd takes to make a small write last, and says so when it is slow. */
export const measureFsync = defineStep<MeasureFsyncParams>("measure-fsync", {
  title: () => "measure etcd's disk",

  async run({ node, prefixPath, image, limitMs = 20 }, context) {
    const spec = {
      name: helperNames.fsync,
      image,
      entrypoint: ["sh", "-c", script],
      env: [`WRITES=${writes}`],
      binds: [`${prefixed(prefixPath, "/var/lib/etcd")}:/etcd`],
      networkMode: "none",
      privileged: true,
    } as const;
    const { stdout } = await runOnce(node, spec, { context, doing: "measure etcd's disk" });
    const [begunS = 0, endedS = 0] = stdout.trim().split(/\s+/).map(Number);
    const eachMs = ((endedS - begunS) * 1000) / writes;
    if (eachMs > limitMs) {
      const text = `${context.nameOf(node)}: a write to etcd's disk takes ${Math.round(eachMs)} ms; etcd wants 10 ms`;
      context.emit({ kind: "notice", text: `${text}. Give ${prefixed(prefixPath, "/var/lib/etcd")} a faster disk` });
    }
    return "unchanged";
  },
});

const writes = 50;

/** Prints the uptime before and after. Starting dd is a millisecond of each write. */
const script = `set -e
f=/etcd/.pulumi-rke-fsync
cut -d' ' -f1 /proc/uptime
i=0; while [ $i -lt "$WRITES" ]; do dd if=/dev/zero of=$f bs=2300 count=1 conv=fsync 2>/dev/null; i=$((i+1)); done
cut -d' ' -f1 /proc/uptime
rm -f $f`;
