import type { Flags } from "../releases/release.ts";

/** Where the flags of a component come from; each layer wins over those above it. */
export interface FlagLayers {
  /** What follows from the configuration. */
  readonly base: Flags;
  /** What the release says; an empty value takes a flag away. */
  readonly release: Flags;
  /** What follows from the configuration and wins over the release. */
  readonly forced?: Flags;
  /** What the person says. */
  readonly extra?: Flags | undefined;
  /** What wins even over the person. */
  readonly last?: Flags;
  /** Flags that are added without replacing any, once per value. */
  readonly repeated?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * The command line of a component, sorted by name, so that the order of maps changes nothing. Values of one flag keep
 * their order, and a flag that appears once stands before its repetitions: components take the last value, or the first.
 */
export function commandLine(layers: FlagLayers): readonly string[] {
  const single = Object.entries(mergedFlags(layers)).map(([name, value]) => ({ name, value }));
  const repeated = Object.entries(layers.repeated ?? {}).flatMap(([name, values]) =>
    values.map((value) => ({ name, value })),
  );
  return [...single, ...repeated]
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    .map(({ name, value }) => `--${name}=${value}`);
}

/** The flags that appear once, with the value that wins. */
export function mergedFlags({ base, release, forced, extra, last }: FlagLayers): Flags {
  const afterRelease = Object.fromEntries(Object.entries({ ...base, ...release }).filter(isKept(release)));
  return { ...afterRelease, ...forced, ...extra, ...last };
}

const isKept =
  (release: Flags) =>
  ([name]: [string, string]): boolean =>
    release[name] !== "";
