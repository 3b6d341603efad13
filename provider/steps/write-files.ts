import { contentDigest } from "../desired/content-digest.ts";
import type { ArchivedFile, UnpackedFile } from "../hosts/archive.ts";
import type { Secret } from "../secrets.ts";
import { markerPath, parseMarker, printMarker } from "./files-marker.ts";
import { type MachineFiles, type Place, refuseElsewhere, withMachineFiles } from "./machine-files.ts";
import { defineStep } from "./step.ts";

export interface WrittenFile {
  /** Without the machine's prefix; below `/etc/kubernetes`. */
  readonly path: string;
  readonly content: Secret<string>;
  /** 600 when it is not given, as RKE has it. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface WriteFilesParams extends Place {
  /** What they are, for the title: `certificates`. */
  readonly what: string;
  readonly files: readonly WrittenFile[];
}

/**
 * Writes the files of a machine that are not as they should be, all in one archive, and notes when in a file beside them.
 * The note comes first: whatever the archive breaks off at, no file is newer than what is said about it.
 */
export const writeFiles = defineStep<WriteFilesParams>("write-files", {
  title: ({ what }) => `write ${what}`,

  async run({ what, files, ...place }, context) {
    const paths = files.map(({ path }) => path);
    refuseElsewhere(paths, `write ${what}`);
    return withMachineFiles(place, {
      context,
      work: async ({ found, nowMs, write }) => {
        const due = files.filter((file) => !isThere(file, found.get(file.path)));
        if (due.length === 0) return "unchanged";
        await write([marker({ due, found, nowMs }), ...due.map((file) => archived(file, nowMs))]);
        return "changed";
      },
    });
  },
});

function isThere({ content, mode, uid, gid }: WrittenFile, there: UnpackedFile | undefined): boolean {
  return (
    there !== undefined &&
    hasContent({ content }, there) &&
    (mode === undefined || mode === there.mode) &&
    (uid === undefined || uid === there.uid) &&
    (gid === undefined || gid === there.gid)
  );
}

const hasContent = ({ content }: Pick<WrittenFile, "content">, there: UnpackedFile | undefined): boolean =>
  there !== undefined && contentDigest(there.content.toString("utf8")) === contentDigest(content.unwrap());

function archived({ path, content, mode = 0o600, uid, gid }: WrittenFile, nowMs: number): PathedFile {
  return { path, name: path, content, mode, uid, gid, modifiedAtMs: nowMs };
}

type PathedFile = ArchivedFile & { readonly path: string };

/**
 * What is only given to somebody else is not newer for that: nothing has to read it again. Readable by all: it names files and what is in them by digest, and lets any SSH user see whose machine this is. */
function marker({
  due,
  found,
  nowMs,
}: Pick<MachineFiles, "found" | "nowMs"> & { readonly due: readonly WrittenFile[] }): PathedFile {
  const before = parseMarker(found.get(markerPath)?.content.toString("utf8") ?? "{}");
  const written = due
    .filter((file) => !hasContent(file, found.get(file.path)))
    .map(({ path, content }) => [path, { sha256: contentDigest(content.unwrap()), writtenAtMs: nowMs }] as const);
  const content = Buffer.from(printMarker({ ...before, ...Object.fromEntries(written) }), "utf8");
  return { path: markerPath, name: markerPath, content, mode: 0o644, modifiedAtMs: nowMs };
}
