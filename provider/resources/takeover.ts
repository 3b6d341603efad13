import { load } from "js-yaml";

import { hasUnknown } from "../config/unknowns.ts";
import type { EncryptionKey } from "../desired/files/encryption.ts";
import { RkeError } from "../errors.ts";
import type { Bundle } from "../pki/bundle.ts";
import { KUBE_CA } from "../pki/names.ts";
import { fromRkeState, type RkeStateCertificate } from "../pki/rke-state.ts";
import type { CheckFailure, Properties } from "./handler.ts";
import { isMap, mapAt, textAt } from "./properties.ts";

/** What goes on living when a cluster of `rke` is taken over. */
export interface Takeover {
  readonly certificates: Bundle;
  /** The keys that Secrets in etcd are encrypted with; none when they are not, or when the configuration is a custom one. */
  readonly encryptionKeys: readonly EncryptionKey[];
}

/** What the argument `adopt` gives; undefined without one, or as long as it is not known. */
export function takeoverOf(inputs: Properties): Takeover | undefined {
  const text = textAt(mapAt(inputs, "adopt"), "rkeState");
  return text === undefined ? undefined : readTakeover(text);
}

/** What is wrong with the argument `adopt`. */
export function takeoverFailures(inputs: Properties): CheckFailure[] {
  const { adopt } = inputs;
  if (adopt === undefined || hasUnknown(adopt)) return [];
  if (textAt(mapAt(inputs, "adopt"), "rkeState") === undefined) {
    return [{ property: "adopt.rkeState", reason: "The text of a cluster.rkestate is wanted" }];
  }
  try {
    takeoverOf(inputs);
    return [];
  } catch (error) {
    if (error instanceof RkeError) return [{ property: "adopt.rkeState", reason: error.message }];
    throw error;
  }
}

/**
 * Reads a `cluster.rkestate`, or the Secret `full-cluster-state` of a cluster, which has the same form. What was applied
 * last counts: what was only wanted may be on no machine.
 */
export function readTakeover(text: string): Takeover {
  const state = jsonOf(text);
  const halves = [mapAt(state, "currentState"), mapAt(state, "desiredState")];
  const half = halves.find((one) => Object.keys(mapAt(one, "certificatesBundle")).length > 0);
  if (half === undefined) throw unreadable("it has no certificatesBundle");
  const found = Object.entries(mapAt(half, "certificatesBundle")).filter(([, value]) => isMap(value));
  const certificates = fromRkeState(Object.fromEntries(found) as Record<string, Partial<RkeStateCertificate>>);
  const ca = certificates[KUBE_CA];
  if (ca === undefined) throw unreadable(`it lacks the certificate "${KUBE_CA}"`);
  if (ca.key === undefined) throw unreadable(`it lacks the private key of "${KUBE_CA}"`);
  return { certificates, encryptionKeys: keysIn(textAt(half, "encryptionConfig") ?? "") };
}

/** The parser's own words quote the text, which is secret. */
function jsonOf(text: string): Properties {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    throw unreadable("it is not JSON; a file that was cut short looks like this too");
  }
  if (!isMap(state)) throw unreadable("it is not the JSON of a state");
  return state;
}

function keysIn(encryptionConfig: string): readonly EncryptionKey[] {
  if (encryptionConfig.trim() === "") return [];
  let config: unknown;
  try {
    // Above a custom configuration RKE writes a header that is there already; JSON's rules let the last one win.
    config = load(encryptionConfig, { json: true });
  } catch {
    throw unreadable("its encryptionConfig is no YAML");
  }
  const resources = isMap(config) ? listAt(config, "resources") : [];
  const providers = resources.flatMap((resource) => (isMap(resource) ? listAt(resource, "providers") : []));
  const keys = providers.flatMap((provider) => (isMap(provider) ? listAt(mapAt(provider, "aescbc"), "keys") : []));
  return keys.flatMap((key) => {
    const [name, secret] = isMap(key) ? [textAt(key, "name"), textAt(key, "secret")] : [];
    return name === undefined || secret === undefined ? [] : [{ name, secret }];
  });
}

const listAt = (map: Properties, key: string): readonly unknown[] => {
  const value = map[key];
  return Array.isArray(value) ? value : [];
};

const unreadable = (because: string): RkeError =>
  new RkeError("config", {
    doing: "take over the cluster of adopt.rkeState",
    because,
    hint: "Give the whole text of the cluster.rkestate that belongs to its cluster.yml (rke util get-state-file fetches it)",
  });
