import { components, type OptionOverlay, type Os, type Release, type SystemImages } from "./release.ts";

/** What a person lays over a release: images and default flags of their own. */
export interface Overlay {
  readonly images?: SystemImages;
  readonly options?: Readonly<Partial<Record<Os, OptionOverlay>>>;
}

/** A release with some images and default flags changed. Laying twice is the same as laying both at once. */
export function overlayRelease(release: Release, { images = {}, options = {} }: Overlay): Release {
  return {
    ...release,
    images: { ...release.images, ...images },
    optionOverlay: {
      linux: mergeFlags(release.optionOverlay.linux, options.linux),
      windows: mergeFlags(release.optionOverlay.windows, options.windows),
    },
  };
}

function mergeFlags(below: OptionOverlay = {}, above: OptionOverlay = {}): OptionOverlay {
  const named = components.filter((component) => below[component] ?? above[component]);
  return Object.fromEntries(named.map((component) => [component, { ...below[component], ...above[component] }]));
}
