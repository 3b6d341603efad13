import * as pulumi from "@pulumi/pulumi";

import { hidden } from "./inputs.ts";

/** Where arguments of a cluster are secret: what the schema marks as such. `[]` stands for every item, `*` for every key. */
export const secretPaths: readonly string[] = [
  "services.etcd.key",
  "services.etcd.backupConfig.s3BackupConfig.secretKey",
  "services.kubeApi.secretsEncryptionConfig.customConfig",
  "network.weaveNetworkProvider.password",
  "network.aciNetworkProvider.token",
  "network.aciNetworkProvider.apicUserKey",
  "privateRegistries.[].password",
  "privateRegistries.[].ecrCredentialPlugin.awsSecretAccessKey",
  "privateRegistries.[].ecrCredentialPlugin.awsSessionToken",
  "cloudProvider.azureCloudProvider.aadClientSecret",
  "cloudProvider.azureCloudProvider.aadClientCertPassword",
  "cloudProvider.openstackCloudProvider.global.password",
  "cloudProvider.vsphereCloudProvider.global.password",
  "cloudProvider.vsphereCloudProvider.virtualCenter.*.password",
  "cloudProvider.harvesterCloudProvider.cloudConfig",
  "bastionHost.sshKey",
];

interface Split {
  readonly plain: Readonly<Record<string, unknown>>;
  /** By the place they were taken from: `privateRegistries[0].password`. */
  readonly secrets: Readonly<Record<string, pulumi.Output<unknown>>>;
}

/**
 * Takes the secrets out of arguments. One of them inside a list would make the engine hide the whole list, and with it
 * what a preview has to say. A block that comes from another resource as a whole is hidden as a whole.
 */
export function splitSecrets(args: object, paths: readonly string[] = secretPaths): Split {
  const secrets: Record<string, pulumi.Output<unknown>> = {};
  const take = (value: unknown, patterns: readonly (readonly string[])[], place: string): unknown => {
    if (value === undefined || value === null || patterns.length === 0) return value;
    const isWhole = patterns.some(({ length }) => length === 0);
    if (isWhole || pulumi.Output.isInstance(value) || value instanceof Promise) {
      secrets[place] = hidden(value) as pulumi.Output<unknown>;
      return undefined;
    }
    if (Array.isArray(value)) {
      return value.map((item, index) => take(item, below(patterns, "[]"), `${place}[${index}]`));
    }
    if (typeof value !== "object") return value;
    const kept = Object.entries(value).map(([key, item]) => {
      return [key, take(item, below(patterns, key), placeOf(place, key))] as const;
    });
    return Object.fromEntries(kept.filter(([, item]) => item !== undefined));
  };
  const plain = take(
    args,
    paths.map((path) => path.split(".")),
    "",
  );
  return { plain: plain as Split["plain"], secrets };
}

/** As paths are written everywhere: `virtualCenter["vc.example.com"]`. */
function placeOf(block: string, key: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${block}[${JSON.stringify(key)}]`;
  return block === "" ? key : `${block}.${key}`;
}

const below = (patterns: readonly (readonly string[])[], key: string): readonly (readonly string[])[] =>
  patterns.flatMap(([first, ...rest]) => (first === key || (first === "*" && key !== "[]") ? [rest] : []));
