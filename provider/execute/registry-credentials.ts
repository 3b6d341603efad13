import type { ClusterConfig } from "../config/cluster-config.ts";
import { registriesOf, registryOf } from "../desired/registries.ts";
import { RkeError } from "../errors.ts";
import type { RegistryCredentials } from "./context.ts";

/** The credentials for pulling an image, as `privateRegistries` has them; undefined for an anonymous pull. */
export function registryCredentialsOf(
  config: Pick<ClusterConfig, "privateRegistries">,
): (image: string) => Promise<RegistryCredentials | undefined> {
  const registries = registriesOf(config);
  return async (image) => {
    const registry = registryOf(image, registries);
    if (registry === undefined) return undefined;
    const { user: username = "", password = "", url, ecrCredentialPlugin } = registry;
    const serveraddress = url || "docker.io";
    if (username !== "" || password !== "") return { username, password, serveraddress };
    if (ecrCredentialPlugin === undefined) return undefined;
    throw new RkeError("registry", {
      doing: `pull ${image}`,
      because: `the credentials for ${serveraddress} come from ecrCredentialPlugin, which this release cannot ask`,
      hint: 'Set user to "AWS" and password to what "aws ecr get-login-password" prints; it is good for twelve hours',
    });
  };
}
