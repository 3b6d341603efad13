import type { ServicesConfig } from "../../config/cluster-config.ts";
import { goYaml } from "./go-yaml.ts";
import { withoutEmpty } from "./without-empty.ts";

/** A key for Secrets in etcd. */
export interface EncryptionKey {
  readonly name: string;
  /** Base64 of 32 bytes. */
  readonly secret: string;
}

/** Stands for a key that does not exist yet, in plans made before the cluster. */
export const keyToCome: EncryptionKey = { name: "<generated>", secret: "<generated>" };

/**
 * The encryption configuration of the API servers; undefined when Secrets are not encrypted. The first key encrypts;
 * the others can only decrypt.
 */
export function encryptionFile(
  { secretsEncryptionConfig }: ServicesConfig["kubeApi"],
  keys: readonly EncryptionKey[],
): string | undefined {
  if (!secretsEncryptionConfig?.enabled) return undefined;
  const { customConfig } = secretsEncryptionConfig;
  if (customConfig === undefined) return managed(keys.length === 0 ? [keyToCome] : keys);
  // RKE puts the header before the person's text, which has one already; API servers read the last.
  return `${header}${goYaml(withoutEmpty(customConfig))}\n`;
}

const header = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n";

const managed = (keys: readonly EncryptionKey[]): string =>
  [
    `${header}resources:`,
    "- resources:",
    "  - secrets",
    "  providers:",
    "  - aescbc:",
    "      keys:",
    ...keys.flatMap(({ name, secret }) => [`      - name: ${name}`, `        secret: ${secret}`]),
    "  - identity: {}",
  ].join("\n");
