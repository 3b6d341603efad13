const REDACTED = "[redacted]";

/**
 * A value that is never printed: every way of turning it into text gives `[redacted]`, and only `unwrap()` gives it
 * back. Two secrets look alike to deep comparison as well; compare what is inside.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  unwrap(): T {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  /** What `util.inspect`, and so every logger, shows. Named by its registered symbol to keep `node:util` out. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}

/** Takes the secrets given, and whatever looks like a private key, out of a text from somewhere else. */
export const redact = (text: string, secrets: Iterable<Secret<string>> = []): string => redactor(secrets)(text);

/** As {@link redact}, for many texts: the forms in which the secrets may turn up are found only once. */
export function redactor(secrets: Iterable<Secret<string>>): (text: string) => string {
  const needles = [...secrets].flatMap((secret) => disguises(secret.unwrap()));
  const longestFirst = [...new Set(needles)].sort((a, b) => b.length - a.length);
  return (text) => {
    const withoutSecrets = longestFirst.reduce((rest, needle) => rest.replaceAll(needle, REDACTED), text);
    return PRIVATE_KEYS.reduce((rest, pattern) => rest.replace(pattern, REDACTED), withoutSecrets);
  };
}

/** An END line is not waited for: output is often cut in the middle of a key. */
const PRIVATE_KEYS = [
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g,
  // The same in base64, as in a kubeconfig or a Kubernetes Secret: RSA, PKCS#8, EC, ENCRYPTED and OPENSSH.
  /LS0tLS1CRUdJTi(?:BSU0EgUFJJVkFURSBLRVkt|BQUklWQVRFIEtFWS0t|BFQyBQUklWQVRFIEtFWS|BFTkNSWVBURUQgUFJJVkFU|BPUEVOU1NIIFBSSVZBVE)[A-Za-z0-9+/=]*/g,
  /(?<=client-key-data: *"?)[A-Za-z0-9+/=]+/g,
];

/** The forms in which a secret turns up in other texts: as it is, within JSON, in base64, and line by line. */
function disguises(value: string): string[] {
  const lines = value.includes("\n") ? value.split("\n").filter(tellsSomething) : [];
  const withinJson = JSON.stringify(value).slice(1, -1);
  const encoded = Buffer.from(value, "utf8").toString("base64");
  return [value, value.trim(), withinJson, encoded, ...lines].filter((form) => form !== "");
}

/** Whether one line of a longer secret gives something away: PEM frames and short YAML keys do not. */
function tellsSomething(line: string): boolean {
  return line.length >= 20 && !line.startsWith("-----");
}
