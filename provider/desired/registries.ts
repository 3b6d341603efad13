import type { ClusterConfig } from "../config/cluster-config.ts";

type Registry = ClusterConfig["privateRegistries"][number];

/** Private registries by the name that images are matched with. Of two with one name, the last is used. */
export type Registries = ReadonlyMap<string, Registry>;

export const registriesOf = (config: Pick<ClusterConfig, "privateRegistries">): Registries =>
  new Map(config.privateRegistries.map((registry) => [registry.url || "docker.io", registry]));

/** The registry that an image is pulled from with credentials; undefined for anonymous pulls. */
export const registryOf = (image: string, registries: Registries): Registry | undefined =>
  registries.get(registryName(image));

/**
 * The part of an image's name that a registry's `url` must equal: the host, and all of the path but the last two
 * components, so that "host/team/rancher/hyperkube" is matched by "host/team".
 */
export function registryName(image: string): string {
  const [first = "", ...others] = withoutTag(image).split("/");
  const hasHost = others.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const host = hasHost && first !== "index.docker.io" ? first : "docker.io";
  const path = hasHost ? others : [first, ...others];
  return [host, ...path.slice(0, -2)].join("/");
}

const withoutTag = (image: string): string => image.replace(/@.*$/, "").replace(/:[^/:]+$/, "");

/** The Docker configuration that kubelets pull with: credentials, or the ECR helper where they come from AWS. */
export function kubeletDockerConfig(registries: Registries): string {
  const byName = [...registries].sort(([a], [b]) => (a < b ? -1 : 1));
  const auths = byName.filter(([, registry]) => registry.ecrCredentialPlugin === undefined);
  const helpers = byName.filter(([, registry]) => registry.ecrCredentialPlugin !== undefined);
  return JSON.stringify({
    auths: Object.fromEntries(auths.map(([name, registry]) => [name, { auth: basicAuth(registry) }])),
    ...(helpers.length > 0 && { credHelpers: Object.fromEntries(helpers.map(([name]) => [name, "ecr-login"])) }),
  });
}

const basicAuth = ({ user = "", password = "" }: Registry): string =>
  Buffer.from(`${user}:${password}`).toString("base64");
