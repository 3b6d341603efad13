import type { Bundle } from "../pki/bundle.ts";
import { expiries } from "../pki/describe.ts";
import { dayOf } from "../pki/issue.ts";
import { KUBE_CA, REQUEST_HEADER_CA, SERVICE_ACCOUNT_TOKEN } from "../pki/names.ts";
import { RENEW_BEFORE_DAYS } from "../pki/reissues.ts";

interface Expiry {
  readonly name: string;
  readonly notAfter: Date;
}

/**
 * What a preview says about certificates that come to their end: which, when, and what makes them new. `isOurs` are those
 * that the resource looks after, so that two of them do not say the same.
 */
export function expiryNotices(
  bundle: Bundle,
  { now, isOurs }: { now: Date; isOurs: (name: string) => boolean },
): readonly string[] {
  const all = expiries(bundle);
  const cas = all.filter(({ name }) => isCa(name));
  const soonestCa = Math.min(...cas.map(({ notAfter }) => notAfter.getTime()));
  // Of a certificate that ends with its CA, the CA is what there is to speak of. Of the token's, only the key is used.
  const leaves = all.filter(
    ({ name, notAfter }) =>
      isOurs(name) && !isCa(name) && name !== SERVICE_ACCOUNT_TOKEN && soonestCa - notAfter.getTime() > DAY_MS,
  );
  const within = (days: number, { notAfter }: Expiry) => notAfter.getTime() - now.getTime() < days * DAY_MS;
  const due = leaves.filter((one) => within(RENEW_BEFORE_DAYS, one));
  const soon = leaves.filter((one) => within(SOON_DAYS, one) && !due.includes(one));
  return [
    ...cas
      .filter((one) => isOurs(one.name) && within(CA_SOON_DAYS, one))
      .map(
        (one) =>
          `warning: the CA ${ended(one, now)}, and with it every certificate that it has signed. ` +
          "No update makes a new CA: plan its rotation before that day",
      ),
    ...(due.length === 0 ? [] : [`certificates: ${listed(due, now)}. This update issues what is named here again`]),
    ...(soon.length === 0
      ? []
      : [
          `certificates: ${listed(soon, now)}. In the last ${RENEW_BEFORE_DAYS} days before its end, pulumi up issues each again`,
        ]),
  ];
}

const DAY_MS = 24 * 3_600_000;
const SOON_DAYS = 90;
/** Who has to rotate a CA needs a maintenance window, and time to find one. */
const CA_SOON_DAYS = 365;
const MOST_NAMES = 5;

const isCa = (name: string): boolean => name === KUBE_CA || name === REQUEST_HEADER_CA;

const ended = ({ name, notAfter }: Expiry, now: Date): string =>
  `${name} ${notAfter <= now ? "has ended" : "ends"} on ${dayOf(notAfter)}`;

function listed(expiring: readonly Expiry[], now: Date): string {
  const texts = expiring.slice(0, MOST_NAMES).map((one) => ended(one, now));
  const rest = expiring.length - texts.length;
  return rest > 0 ? `${texts.join(", ")}, and ${rest} more after that` : texts.join(", ");
}
