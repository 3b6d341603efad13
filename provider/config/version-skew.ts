import { compareVersions, parseVersion } from "../releases/versions.ts";

/** What lies between two Kubernetes versions. */
type VersionSkew =
  | { readonly kind: "same" | "patch" | "minor" | "downgrade" }
  /** `skipped` are the minors that an upgrade would leave out, and Kubernetes does not allow to: `v1.30`. */
  | { readonly kind: "skip"; readonly skipped: readonly string[] };

/** Compares the version a cluster has with the one it is to have; both in full, as `v1.31.6-rancher1-1`. */
export function versionSkew(from: string, to: string): VersionSkew {
  const [old, wanted] = [parseVersion(from), parseVersion(to)];
  const order = compareVersions(old, wanted);
  if (order === 0) return { kind: "same" };
  if (order > 0) return { kind: "downgrade" };
  const minors = wanted.minor - old.minor;
  if (minors <= 1) return { kind: minors === 0 ? "patch" : "minor" };
  const skipped = Array.from({ length: minors - 1 }, (_, index) => `v${old.major}.${old.minor + index + 1}`);
  return { kind: "skip", skipped };
}
