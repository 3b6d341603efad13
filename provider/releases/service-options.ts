import { RkeError } from "../errors.ts";
import { minors } from "./data/minors.ts";
import { kubernetesImageTraits } from "./image-traits.ts";
import { components, type OptionOverlay, type Os, type Release, type ServiceOptions } from "./release.ts";

/**
 * The default flags of every component. An entry for the exact version wins; without one it is the minor of the
 * Kubernetes *image* that counts, so another image brings its own flags along.
 */
export function serviceOptions(
  release: Release,
  { kubernetesImage, os }: { kubernetesImage: string; os: Os },
): ServiceOptions {
  const { minor } = kubernetesImageTraits(kubernetesImage);
  const overlay = release.optionOverlay[os] ?? {};
  const flags =
    flagsFor(release.kubernetesVersion, { minor: release.minor, os }) ??
    flagsFor(minor, { minor, os }) ??
    // A version of the future has no entry; its flags are then all the user's.
    (Object.keys(overlay).length > 0 ? {} : undefined);
  if (flags === undefined) throw noOptions(release, { minor, os });
  return merged(flags, overlay);
}

function flagsFor(name: string, { minor, os }: { minor: string; os: Os }): OptionOverlay | undefined {
  return minors[minor]?.().serviceOptions[os].find((set) => set.for.includes(name))?.flags;
}

function noOptions({ kubernetesVersion }: Release, { minor, os }: { minor: string; os: Os }): RkeError {
  return new RkeError("config", {
    doing: `find the default flags of Kubernetes ${kubernetesVersion} on ${os}`,
    because: `the metadata of RKE has none for "${kubernetesVersion}" and none for "${minor}"`,
    hint: "Choose a version that RKE knows, or give the flags of every component",
  });
}

function merged(flags: OptionOverlay, overlay: OptionOverlay): ServiceOptions {
  const pairs = components.map((component) => [component, { ...flags[component], ...overlay[component] }]);
  return Object.fromEntries(pairs) as ServiceOptions;
}
