import { hasUnknown } from "../config/unknowns.ts";
import { RkeError } from "../errors.ts";
import type { Bundle, GivenAuthorities } from "../pki/bundle.ts";
import { customAuthority } from "../pki/custom.ts";
import { KUBE_ADMIN, KUBE_CA } from "../pki/names.ts";
import { normalPem } from "../pki/openssl.ts";
import { Secret } from "../secrets.ts";
import { expiryNotices } from "./expiry-notices.ts";
import type { CheckFailure, Handler, Properties, Surroundings } from "./handler.ts";
import {
  clusterIdOf,
  firstExpiry,
  identityDue,
  identityText,
  issueIdentity,
  kubeconfigFor,
  readIdentity,
} from "./identity-bundle.ts";
import { changedInputs, isMap, isSame, storable, textAt } from "./properties.ts";
import { takeoverFailures, takeoverOf } from "./takeover.ts";

const outputs = ["kubeconfig", "caCertificate", "clusterId", "expires", "bundle"];

/** RkeIdentity: the keys of a cluster. No verb touches a machine, and none makes a second CA. */
export function identityHandler(surroundings: Surroundings): Handler {
  const { clock, calls } = surroundings;
  return {
    async check({ olds, news }) {
      const { inputs, call } = calls.take(news);
      calls.keep(inputs, call);
      return { inputs, failures: failuresOf(olds, inputs) };
    },

    async diff({ olds, news, preview = calls.of(news)?.isPreview ?? false, log = surroundings.log }) {
      const bundle = bundleOf(olds);
      refuseOther(takeoverOf(news)?.certificates, bundle);
      const changed = changedInputs(olds, news, { outputs });
      // The rest is for the cluster to speak of, in the same preview.
      const isOurs = (name: string) => name === KUBE_ADMIN;
      const notices = preview ? expiryNotices(bundle, { now: clock(), isOurs }) : [];
      for (const notice of notices) log(`${textAt(news, "clusterName") ?? "identity"}  ${notice}`);
      return { changes: changed.length > 0 || identityDue(bundle, clock()).length > 0 };
    },

    create: async ({ news }) => {
      const authorities = authoritiesOf(news, clock());
      const existing = takeoverOf(news)?.certificates;
      const given = { ...(authorities && { authorities }), ...(existing && { existing }) };
      const bundle = await issueIdentity({ ...surroundings, ...given });
      return { id: clusterIdOf(bundle), outs: outsOf(bundle, news) };
    },

    async read({ id, olds }) {
      const { inputs } = calls.take(olds);
      // What a program reads by `get` has no outputs yet; what is in a state has nothing to be looked at.
      return { id, props: inputs.clusterId === undefined ? outsOf(bundleRead(id, inputs), inputs) : inputs };
    },

    update: async ({ olds, news }) => {
      const bundle = await issueIdentity({ ...surroundings, existing: bundleOf(olds) });
      return { outs: outsOf(bundle, news) };
    },

    delete: async () => undefined,
  };
}

/** Where the kubeconfig of an identity leads that knows of no server. */
const noServer = "127.0.0.1";

function outsOf(bundle: Bundle, inputs: Properties): Properties {
  const clusterName = textAt(inputs, "clusterName") ?? "local";
  return storable({
    ...inputs,
    kubeconfig: kubeconfigFor(bundle, { server: textAt(inputs, "server") ?? noServer, clusterName }),
    caCertificate: bundle[KUBE_CA]?.certificate,
    clusterId: clusterIdOf(bundle),
    expires: firstExpiry(bundle),
    bundle: identityText(bundle),
  });
}

/** The bundle that a program gives to read an identity by. */
function bundleRead(id: string, inputs: Properties): Bundle {
  const refused = (because: string) =>
    new RkeError("state", {
      doing: `read the RkeIdentity ${id}`,
      because,
      hint: "Give RkeIdentity.get the outputs clusterId and bundle of one identity: a StackReference hands them over",
    });
  if (textAt(inputs, "bundle") === undefined) throw refused("its keys are nowhere but in the state of its own stack");
  const bundle = bundleOf(inputs);
  if (clusterIdOf(bundle) !== id) throw refused(`the bundle is that of the cluster ${clusterIdOf(bundle)}`);
  return bundle;
}

const bundleOf = (state: Properties): Bundle => readIdentity(textAt(state, "bundle") ?? "");

function authoritiesOf({ customCa }: Properties, now: Date): GivenAuthorities | undefined {
  if (!isMap(customCa)) return undefined;
  const certificate = textAt(customCa, "certificate") ?? "";
  const key = new Secret(textAt(customCa, "key") ?? "");
  return { kubeCa: customAuthority({ certificate, key }, { name: KUBE_CA, now }) };
}

function failuresOf(olds: Properties, inputs: Properties): CheckFailure[] {
  const { clusterName, server, customCa } = inputs;
  const isText = (value: unknown) => value === undefined || typeof value === "string";
  return [
    ...(isText(clusterName) ? [] : [{ property: "clusterName", reason: "A text is wanted" }]),
    ...(isText(server) ? [] : [{ property: "server", reason: "A text is wanted" }]),
    ...caFailures(olds, customCa),
    ...adoptFailures(inputs),
  ];
}

function adoptFailures(inputs: Properties): CheckFailure[] {
  const { adopt, customCa } = inputs;
  if (adopt === undefined || hasUnknown(adopt)) return [];
  if (customCa !== undefined) {
    return [
      { property: "customCa", reason: "The cluster of adopt.rkeState brings its CA with it: leave one of the two out" },
    ];
  }
  return takeoverFailures(inputs);
}

/** Who adopts late, or adopts another one, would go on with keys that are not those of the program. */
function refuseOther(adopted: Bundle | undefined, bundle: Bundle): void {
  if (adopted === undefined || clusterIdOf(adopted) === clusterIdOf(bundle)) return;
  throw new RkeError("unsafe", {
    doing: "take over the cluster of adopt.rkeState",
    because: "this RkeIdentity is there already, and has the CA of another cluster",
    hint: "Take adopt out again; to take that cluster over, declare an RkeIdentity of its own for it",
  });
}

/** Once the identity is there, its CA stays: what a program says about it later may not be passed over in silence. */
function caFailures(olds: Properties, customCa: unknown): CheckFailure[] {
  if (customCa === undefined || hasUnknown(customCa)) return [];
  if (!isMap(customCa) || textAt(customCa, "certificate") === undefined || textAt(customCa, "key") === undefined) {
    return [{ property: "customCa", reason: "A certificate and its key are wanted, both as PEM" }];
  }
  const isNew = Object.keys(olds).length === 0;
  if (isNew || isSameCa(olds.customCa, customCa)) return [];
  const reason =
    "The CA of a cluster cannot be changed: all that trusts the cluster trusts it. " +
    "Take customCa back to what it was, or make another RkeIdentity for another cluster";
  return [{ property: "customCa", reason }];
}

function isSameCa(before: unknown, after: Properties): boolean {
  if (!isMap(before)) return false;
  if (isSame(before.certificate, after.certificate)) return true;
  try {
    return normalPem(String(before.certificate)) === normalPem(String(after.certificate));
  } catch {
    return false;
  }
}
