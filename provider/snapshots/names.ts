import { RkeError } from "../errors.ts";

/**
 * Refuses names that would lead elsewhere: they become parts of paths, of keys in buckets, and of the entries of archives.
 * Those of `rke` have colons in them, as in `2026-11-21T08:00:00Z_etcd`.
 */
export function refuseName(doing: string, name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._:+@=-]{0,199}$/.test(name)) return;
  throw new RkeError("config", {
    doing,
    because: `"${name}" cannot be the name of one`,
    hint: "Use letters, digits and . _ : + @ = -, with a letter or a digit in front, and no more than 200 of them",
  });
}
