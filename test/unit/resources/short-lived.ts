import type { Bundle } from "../../../provider/pki/bundle.ts";
import { issueAuthority, issueLeaf } from "../../../provider/pki/issue.ts";
import { certificatesFor, KUBE_CA } from "../../../provider/pki/names.ts";
import type { Secret } from "../../../provider/secrets.ts";
import { aSubject, DAY_MS } from "../pki/world.ts";

/**
 * The bundle with one certificate that ends some days from now, its CA long after it. The CA of another date with the same
 * key issues it: its signature is as good.
 */
export function withShortLived(bundle: Bundle, name: string, { now, days }: { now: Date; days: number }): Bundle {
  const then = new Date(now.getTime() - (3650 - days) * DAY_MS);
  const authority = {
    certificate: issueAuthority(KUBE_CA, keyOf(bundle, KUBE_CA), { now: then }),
    key: keyOf(bundle, KUBE_CA),
  };
  const spec = certificatesFor(aSubject()).find((one) => one.name === name);
  const entry = bundle[name];
  if (spec === undefined || entry === undefined) throw new Error(`There is no ${name}`);
  const certificate = issueLeaf(spec, keyOf(bundle, name), { authority, serial: 7n, now: then });
  return { ...bundle, [name]: { ...entry, certificate } };
}

function keyOf(bundle: Bundle, name: string): Secret<string> {
  const key = bundle[name]?.key;
  if (key === undefined) throw new Error(`There is no key of ${name}`);
  return key;
}
