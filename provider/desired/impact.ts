import type { ClusterConfig } from "../config/cluster-config.ts";
import type { Path } from "../config/finding.ts";
import type { Release } from "../releases/release.ts";
import { containerChanges } from "./changes.ts";
import { planCluster } from "./cluster-plan.ts";

/** A setting that differs between two configurations, and the containers that it alone would replace. */
export interface Impact {
  readonly path: Path;
  readonly containers: readonly string[];
}

/**
 * Says which setting changes which container, by planning the old configuration with one new setting at a time. What
 * several settings change together shows at each of them; an empty list means "no container".
 */
export function impactOf(
  before: { config: ClusterConfig; release: Release },
  after: { config: ClusterConfig; release: Release },
): readonly Impact[] {
  const planBefore = planCluster(before.config, before.release);
  return differingPaths(before.config, after.config).map((path) => {
    const config = withValueOf(before.config, after.config, path);
    const release = path[0] === "kubernetesVersion" ? after.release : before.release;
    const changes = containerChanges(planBefore, planCluster(config, release));
    return { path, containers: [...new Set(changes.map(({ container }) => container))].sort() };
  });
}

/** The deepest places where two values differ. Lists are taken as a whole: their places have no names. */
function differingPaths(before: unknown, after: unknown, path: Path = []): readonly Path[] {
  if (isMap(before) && isMap(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].sort().flatMap((key) => differingPaths(before[key], after[key], [...path, key]));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
}

function withValueOf<T>(target: T, source: unknown, [key, ...rest]: Path): T {
  if (key === undefined) return source as T;
  const block: Readonly<Record<string, unknown>> = isMap(target) ? target : {};
  const from = isMap(source) ? source[key] : undefined;
  return { ...block, [key]: withValueOf(block[key], from, rest) } as T;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
