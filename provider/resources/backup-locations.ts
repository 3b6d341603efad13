import { posix } from "node:path";

import { snapshotFolder } from "../snapshots/manifest.ts";
import type { BackupLocation, BackupState } from "../state/backup-state.ts";
import type { Access } from "./backup-access.ts";
import type { BackupArguments } from "./backup-inputs.ts";

type Node = Access["nodes"][number];

/** A copy in words: `s3://backups/prod/before-upgrade.zip`. */
export function placeOf(location: BackupLocation): string {
  switch (location.kind) {
    case "node":
      return `${location.path} on ${location.node} (${location.address})`;
    case "s3":
      return `s3://${location.bucket}/${location.key}${location.endpoint === undefined ? "" : ` at ${location.endpoint}`}`;
    case "folder":
      return location.path;
    default:
      return location satisfies never;
  }
}

/** The same text for the same place, whatever a machine is called and however large the copy is. */
export const keyOf = (location: BackupLocation): string =>
  location.kind === "node" ? `node ${location.address} ${location.path}` : `${location.kind} ${placeOf(location)}`;

export const nodeLocation = ({ name: node, address }: Node, file: CopiedFile): BackupLocation => ({
  kind: "node",
  node,
  address,
  path: `${snapshotFolder}/${file.name}.zip`,
  sizeBytes: file.sizeBytes,
});

/** The name of a snapshot, and the size of its file. */
export type CopiedFile = Pick<BackupState, "name" | "sizeBytes">;

/** The copies that are wanted beside those on the machines: at most one of each kind. */
export function outerLocations(
  { storage: { s3, folder } }: BackupArguments,
  { name, sizeBytes }: CopiedFile,
): readonly BackupLocation[] {
  const file = `${name}.zip`;
  const places: (BackupLocation | undefined)[] = [
    folder === undefined ? undefined : { kind: "folder", path: posix.join(folder, file), sizeBytes },
    s3 && {
      kind: "s3",
      ...(s3.endpoint !== undefined && s3.endpoint !== "" && { endpoint: s3.endpoint }),
      bucket: s3.bucketName,
      key: posix.join(s3.folder ?? "", file).replace(/^\/+/, ""),
      sizeBytes,
    },
  ];
  return places.filter((place) => place !== undefined);
}

/** What is to be done about the copies of a snapshot that is there. */
export interface CopyPlan {
  /** Copies that stay as they are. */
  readonly kept: readonly BackupLocation[];
  /** Copies in places that are not wanted any more. */
  readonly leaving: readonly BackupLocation[];
  /** Copies that are wanted and not there: they have gone missing, or the place is new. */
  readonly missing: readonly BackupLocation[];
}

/**
 * Compares the copies that are there with those that are wanted. A machine that joins etcd later gets no copy of what was
 * taken before, and one that has left is not waited for.
 */
export function planCopies(
  { locations, expected, ...file }: Pick<BackupState, "locations" | "expected" | "name" | "sizeBytes">,
  { args, access }: { readonly args: BackupArguments; readonly access: Pick<Access, "nodes"> },
): CopyPlan {
  const there = new Set(locations.map(keyOf));
  const outer = outerLocations(args, file);
  const onNodes = args.storage.nodes === true ? access.nodes.map((node) => nodeLocation(node, file)) : [];
  const isNew = !expected.some((key) => key.startsWith("node "));
  const due = [...outer, ...onNodes.filter((copy) => isNew || expected.includes(keyOf(copy)))];
  const wanted = new Set(outer.map(keyOf));
  const isWanted = (copy: BackupLocation) =>
    copy.kind === "node" ? args.storage.nodes === true : wanted.has(keyOf(copy));
  return {
    kept: locations.filter(isWanted),
    leaving: locations.filter((copy) => !isWanted(copy)),
    missing: due.filter((copy) => !there.has(keyOf(copy))),
  };
}
