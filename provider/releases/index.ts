import { RkeError } from "../errors.ts";
import index from "./data/index.json";
import { minors } from "./data/minors.ts";
import { nearestVersions } from "./nearest-versions.ts";
import type { AddonName, ImageKey, Release, SystemImages } from "./release.ts";
import type { IndexData, MinorData } from "./schema.ts";
import { versionTraits } from "./version-traits.ts";
import { inRange, minorName, parseVersion, type Version } from "./versions.ts";

const { backupImageTag, refusedVersions, rkeVersion, templateRanges, versions }: IndexData = index;

/** What RKE takes when no version is asked for. */
export const defaultVersion: string = index.defaultVersion;

/** The newest version of each minor that the last RKE still offers. */
export const currentVersions: readonly string[] = index.currentVersions;

/** The RKE whose metadata the releases come from. */
export const metadataRkeVersion: string = rkeVersion;

/** Every version that a cluster can have without naming its images, oldest first. */
export function knownVersions(): readonly string[] {
  return Object.values(versions).flat();
}

/** The release of an exact version (`v1.31.6-rancher1-1`), or the newest public one of `v1.31`, `v1.31.x` or `v1.31.6`. */
export function releaseOf(version: string): Release {
  const kubernetesVersion = newestOfShorthand(version) ?? version;
  const parsed = parseVersion(kubernetesVersion);
  const minor = minorName(parsed);
  if (versions[minor]?.includes(kubernetesVersion) !== true) throw notKnown(version);
  const made = releases.get(kubernetesVersion);
  if (made !== undefined) return made;
  const release = makeRelease(kubernetesVersion, parsed, imagesOf(kubernetesVersion, minors[minor]?.()));
  releases.set(kubernetesVersion, release);
  return release;
}

/** Each is made once: a program with hundreds of nodes has each of them judged by the same release. */
const releases = new Map<string, Release>();

/** The release of a version outside the metadata: all that follows from its number, and no images. */
export function releaseForUnknown(version: string): Release {
  return makeRelease(version, parseVersion(version), undefined);
}

function newestOfShorthand(version: string): string | undefined {
  if (!/^v\d+\.\d+(\.(x|\d+))?$/.test(version)) return undefined;
  const [major, minor, patch = "x"] = version.split(".");
  const ofMinor = versions[`${major}.${minor}`] ?? [];
  const meant = patch === "x" ? ofMinor : ofMinor.filter((name) => name.startsWith(`${version}-`));
  const newest = meant.at(-1);
  if (newest === undefined) throw notKnown(version);
  const data = minors[`${major}.${minor}`]?.();
  return meant.findLast((name) => isPublic(imagesOf(name, data))) ?? newest;
}

/** The last versions of RKE have Kubernetes images that only customers of its maker can pull. */
export const isPublic = ({ kubernetes = "" }: SystemImages): boolean => !kubernetes.includes("rke-extended-life/");

function notKnown(version: string): RkeError {
  const doing = `use Kubernetes version "${version}"`;
  if (refusedVersions.includes(version)) {
    const [oldest] = knownVersions();
    return new RkeError("config", {
      doing,
      because: `RKE ${rkeVersion} has images for it but no flags for its components`,
      hint: `The oldest version that can be used is ${oldest}`,
    });
  }
  const nearest = nearestVersions(version, { known: knownVersions(), current: currentVersions });
  return new RkeError("config", {
    doing,
    because: `RKE ${rkeVersion} does not know it`,
    hint: `The nearest are ${nearest.join(", ")}; for any other version, name every image in systemImages`,
  });
}

function makeRelease(kubernetesVersion: string, version: Version, images: SystemImages | undefined): Release {
  const minor = minorName(version);
  const templates = templatesOf(version);
  return {
    kubernetesVersion,
    minor,
    minorNumber: version.minor,
    known: images !== undefined,
    images: images ?? {},
    dockerVersions: minors[minor]?.().dockerVersions ?? [],
    templates,
    hasNodelocalTemplate: templates.nodelocal !== undefined,
    backupImageTag,
    optionOverlay: {},
    ...versionTraits(version),
  };
}

function imagesOf(kubernetesVersion: string, data: MinorData | undefined): SystemImages {
  const images: Partial<Record<ImageKey, string>> = {};
  for (const { version, images: changed } of data?.releases ?? []) {
    for (const [key, image] of Object.entries(changed) as [ImageKey, string | null][]) {
      if (image === null) delete images[key];
      else images[key] = image;
    }
    if (version === kubernetesVersion) break;
  }
  return images;
}

function templatesOf(version: Version): Release["templates"] {
  const found = Object.entries(templateRanges).flatMap(([addon, ranges]) => {
    const match = Object.entries(ranges).find(([range]) => inRange(version, range));
    return match === undefined ? [] : [[addon as AddonName, match[1]]];
  });
  return Object.fromEntries(found);
}
