import { z } from "zod";

import { addonNames, components, imageKeys } from "./release.ts";

const versionName = z.string().regex(/^v1\.\d+\.\d+-rancher\d+-\d+$/);
const minorName = z.string().regex(/^v1\.\d+$/);
const image = z.string().regex(/^[^\s:]+:[^\s:]+$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const flags = z.partialRecord(z.enum(components), z.record(z.string(), z.string()));
const optionSets = z.array(z.strictObject({ for: z.array(z.union([versionName, minorName])).nonempty(), flags }));

/** One file per minor: `data/v1.31.json`. */
export const minorData = z.strictObject({
  /** Docker versions that RKE accepts, as `20.10.x`. */
  dockerVersions: z.array(z.string().regex(/^\d+\.\d+\.x$/)),
  /** Oldest first. Images are those that changed since the version before; null is an image that went away. */
  releases: z
    .array(z.strictObject({ version: versionName, images: z.partialRecord(z.enum(imageKeys), image.nullable()) }))
    .nonempty(),
  /** Default flags and what they hold for: exact versions, or the minor for all others. */
  serviceOptions: z.strictObject({ linux: optionSets, windows: optionSets }),
});

/** `data/index.json`: what has to be known before a minor is chosen. */
export const indexData = z.strictObject({
  /** Tag of rke-tools in the default version. */
  backupImageTag: z.string(),
  /** What `rke config --list-version --all` offers. */
  currentVersions: z.array(versionName),
  defaultVersion: versionName,
  /** In the metadata, yet nothing can be planned with them. */
  refusedVersions: z.array(versionName),
  /** Over all that the importer expects to come out of the data again, version by version. */
  resolvedSha256: sha256,
  /** The RKE whose metadata this is. */
  rkeVersion: z.string(),
  /** Of the metadata that this was made from. */
  sourceSha256: sha256,
  /** Per addon, which manifest fits which range of versions; at most one range holds for a version. */
  templateRanges: z.record(z.enum(addonNames), z.record(z.string(), z.string())),
  /** All accepted versions, oldest first, by minor. */
  versions: z.record(minorName, z.array(versionName).nonempty()),
});

export type MinorData = z.infer<typeof minorData>;
export type IndexData = z.infer<typeof indexData>;
