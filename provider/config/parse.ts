import { RkeError } from "../errors.ts";
import { defaultVersion, releaseOf } from "../releases/index.ts";
import type { Release } from "../releases/release.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { applyDefaults } from "./defaults.ts";
import type { Finding, Path } from "./finding.ts";
import { type FirmGround, firmGround } from "./firm-ground.ts";
import { quoted } from "./quoted.ts";
import { readArguments } from "./read-arguments.ts";
import { releaseOfConfig } from "./release-of-config.ts";
import { allRules } from "./rules/all.ts";
import type { Verdict } from "./rules/draft.ts";
import type { ParsedCluster } from "./schema/cluster.ts";

/** What became of the arguments: a configuration, or all that stands in the way of one. */
export type Parsed =
  | {
      readonly ok: true;
      readonly config: ClusterConfig;
      readonly release: Release;
      readonly warnings: readonly Finding[];
      /**
       * Places that are not known yet, as in a preview. The configuration then has Pulumi's marker there, or a default,
       * and when `kubernetesVersion` is among them, the release is only a stand-in.
       */
      readonly unknown: readonly Path[];
    }
  | { readonly ok: false; readonly failures: readonly Finding[]; readonly warnings: readonly Finding[] };

/** Checks arguments against everything that can be known without looking at a machine, and fills in RKE's defaults. */
export function parseCluster(input: unknown): Parsed {
  const { given, failures: shape, unknown, doubtful } = readArguments(input);
  const ground = firmGround(doubtful);
  const found = findRelease(given, ground);
  const release = found.release ?? releaseOf(defaultVersion);
  const config = applyDefaults(given, release);

  const verdicts = sound(
    allRules.flatMap((rule) => [...rule({ given, config, release: found.release })]),
    ground,
  );
  const failures = [...shape, ...found.failures, ...ofSeverity("failure", verdicts)];
  const warnings = ofSeverity("warning", verdicts);
  return failures.length > 0 ? { ok: false, failures, warnings } : { ok: true, config, release, warnings, unknown };
}

// Whatever else is wrong with it can be said in a short line.
const versionLike = /^[\w.+-]{1,64}$/;

interface FoundRelease {
  readonly release: Release | undefined;
  readonly failures: readonly Finding[];
}

function findRelease(given: ParsedCluster, ground: FirmGround): FoundRelease {
  if (!ground.isFirm(["kubernetesVersion"])) return { release: undefined, failures: [] };
  if (given.kubernetesVersion && !versionLike.test(given.kubernetesVersion)) {
    const reason = `${quoted(given.kubernetesVersion)} is not a version: write ${defaultVersion}, or what is wanted`;
    return { release: undefined, failures: [{ path: ["kubernetesVersion"], reason }] };
  }
  try {
    return { release: releaseOfConfig(given), failures: [] };
  } catch (error) {
    if (!(error instanceof RkeError) || error.code !== "config") throw error;
    // Any version will do when the images come along, and whether they do is not known yet.
    if (!ground.isFirm(["systemImages", "kubernetes"])) return { release: undefined, failures: [] };
    const { doing, because, hint } = error.detail;
    const reason = `Cannot ${doing}: ${because}${hint === undefined ? "" : `. ${hint}`}`;
    return { release: undefined, failures: [{ path: ["kubernetesVersion"], reason }] };
  }
}

/** Leaves out what rests on a value that is doubtful, or that an earlier rule has found wrong. */
function sound(verdicts: readonly Verdict[], ground: FirmGround): readonly Verdict[] {
  const wrong = firmGround([]);
  return verdicts.filter(({ path, basis, severity }) => {
    const holds = ground.isReachable(path) && basis.every((place) => ground.isFirm(place) && !wrong.isTainted(place));
    if (holds && severity === "failure") wrong.doubt(path);
    return holds;
  });
}

const ofSeverity = (wanted: Verdict["severity"], verdicts: readonly Verdict[]): readonly Finding[] =>
  verdicts.filter(({ severity }) => severity === wanted).map(({ path, reason }) => ({ path, reason }));
