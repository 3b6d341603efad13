import type { Readable } from "node:stream";

import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { firstFile, packedStream, type StreamedFile } from "../hosts/archive-stream.ts";
import { snapshotFolder } from "../snapshots/manifest.ts";
import { type HelperSpec, withHelper } from "./helper-container.ts";
import { helperNames } from "./our-containers.ts";
import { runOnce } from "./run-once.ts";

/** A machine that keeps snapshots. */
export interface SnapshotMachine {
  /** Its address. */
  readonly node: string;
  /** RKE's tools: a shell and what busybox has. */
  readonly image: string;
}

/** What lies under a name in the folder of snapshots. */
export interface MeasuredFile {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Files on their way. One name for all runs: what one has left, the next one finds. */
const unfinished = { snapshot: ".pulumi-rke-snapshot", upload: ".pulumi-rke-upload" };

/** Where a member writes its database until it has been fetched. */
export const unfinishedSnapshot = unfinished.snapshot;

/** Takes away what a killed run has left, and says how much room there is. */
export async function clearSnapshotFolder(machine: SnapshotMachine, context: Context): Promise<{ freeBytes: number }> {
  const names = [unfinishedSnapshot, `${unfinishedSnapshot}.part`, unfinished.upload];
  const { stdout } = await ask(machine, ["clear", ...names], { context, doing: "look for room for a snapshot" });
  const [, free] = /\s\d+\s+\d+\s+(\d+)\s+\d+%/.exec(stdout) ?? [];
  // A machine that does not say is found out by writing.
  return { freeBytes: free === undefined ? Number.POSITIVE_INFINITY : Number(free) * 1024 };
}

/** Size and checksum of those files that are there, by name, as the machine itself reads them. */
export async function measureSnapshots(
  { names, ...machine }: SnapshotMachine & { readonly names: readonly string[] },
  context: Context,
): Promise<ReadonlyMap<string, MeasuredFile>> {
  refuseElsewhere(names);
  const { stdout } = await ask(machine, ["measure", ...names], {
    context,
    doing: "read the snapshots of the machine",
    limitMs: LONG_MS,
  });
  const lines = [...stdout.matchAll(/^(\d+) ([0-9a-f]{64}) (.+)$/gm)];
  return new Map(lines.map(([, size, sha256 = "", name = ""]) => [name, { sizeBytes: Number(size), sha256 }]));
}

/** Removes files of exactly these names; one that is not there is no error. */
export async function removeSnapshots(
  { names, ...machine }: SnapshotMachine & { readonly names: readonly string[] },
  context: Context,
): Promise<void> {
  refuseElsewhere(names);
  await ask(machine, ["remove", ...names], { context, doing: `remove ${names.join(", ")}` });
}

/** Hands over a file of a machine while it arrives; undefined when there is none of that name. */
export async function readSnapshot<T>(
  { name, ...machine }: SnapshotMachine & { readonly name: string },
  { context, work }: { readonly context: Context; readonly work: (file: StreamedFile | undefined) => Promise<T> },
): Promise<T> {
  refuseElsewhere([name]);
  const { node } = machine;
  const { signal } = context;
  const spec = { ...container(machine), cmd: ["true"], networkMode: "none" } as const;
  return withHelper(node, spec, {
    context,
    work: async (helper) => {
      const archive = await context.docker(node).getArchive(helper, `${inside}/${name}`, { squeezed: true, signal });
      if (archive === undefined) return work(undefined);
      const file = await firstFile(archive);
      try {
        return await work(file);
      } finally {
        file.content.destroy();
        archive.destroy();
      }
    },
  });
}

/**
 * Writes an archive into the folder of snapshots, for root only. It gets its name when the machine has read it and found the
 * same checksum, and never the name of a file that is there already.
 */
export async function writeSnapshot(
  {
    name,
    content,
    sizeBytes,
    sha256,
    ...machine
  }: SnapshotMachine & MeasuredFile & { readonly name: string; readonly content: () => Readable },
  context: Context,
): Promise<void> {
  refuseElsewhere([name]);
  const { node } = machine;
  const { signal } = context;
  const doing = `store ${name}`;
  const spec = { ...container(machine), cmd: ["true"], networkMode: "none" } as const;
  await withHelper(node, spec, {
    context,
    work: async (helper) => {
      const source = content();
      try {
        const archive = packedStream(
          { name: unfinished.upload, mode: 0o600, sizeBytes, modifiedAtMs: context.clock().getTime() },
          source,
        );
        await context.docker(node).putArchive(helper, inside, { archive, signal });
      } finally {
        source.destroy();
      }
    },
  });
  await ask(machine, ["settle", name, sha256, unfinished.upload], { context, doing, limitMs: LONG_MS });
}

/** Reading gigabytes from a slow disk takes minutes. */
const LONG_MS = 1_800_000;

const inside = "/backup";

function container({ image }: SnapshotMachine): HelperSpec {
  return { name: helperNames.snapshotFiles, image, binds: [`${snapshotFolder}:${inside}`] };
}

async function ask(
  machine: SnapshotMachine,
  words: readonly string[],
  { context, doing, limitMs }: { readonly context: Context; readonly doing: string; readonly limitMs?: number },
): Promise<{ readonly stdout: string }> {
  const spec = {
    ...container(machine),
    entrypoint: ["sh", "-c", script, "snapshot-files"],
    cmd: words,
    networkMode: "none",
    privileged: true,
  } as const;
  return runOnce(machine.node, spec, { context, doing, ...(limitMs !== undefined && { limitMs }) });
}

/** Plain sh, with what busybox has. A hard link takes a name only when it is free. */
const script = `set -e
cd ${inside}
verb=$1; shift
sum() { sha256sum "$1" | cut -d " " -f 1; }
case $verb in
clear) rm -f -- "$@"; df -Pk . | sed -n 2p;;
measure) for f in "$@"; do if [ -f "$f" ]; then echo "$(wc -c <"$f" | tr -d " ") $(sum "$f") $f"; fi; done;;
settle)
  trap 'rm -f -- "$3"' EXIT
  s=$(sum "$3")
  if [ "$s" != "$2" ]; then echo "what arrived has the checksum $s, and $2 was sent" >&2; exit 3; fi
  chmod 600 "$3"
  if [ -e "$1" ]; then echo "there is a file of that name already" >&2; exit 4; fi
  sync
  ln "$3" "$1";;
remove) rm -f -- "$@";;
esac`;

/** Names go to a shell on the machine and into a folder that has more in it. */
function refuseElsewhere(names: readonly string[]): void {
  const odd = names.find((name) => !/^\.?[A-Za-z0-9][A-Za-z0-9._:+@=-]*$/.test(name));
  if (odd === undefined) return;
  const because = `"${odd}" is not the name of a file there`;
  throw new RkeError("internal", { doing: "use the folder of snapshots", because });
}
