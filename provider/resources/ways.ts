import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import type { ClusterConfig, NodeConfig } from "../config/cluster-config.ts";
import { RkeError } from "../errors.ts";
import type { Connection } from "../hosts/connection.ts";
import { Secret } from "../secrets.ts";
import { connectionOf, nodeNames } from "./cluster-inputs.ts";
import type { Properties } from "./handler.ts";
import { isMap, mapAt, storable, textAt } from "./properties.ts";

/** How a machine is reached, as the state keeps it. Holds keys in clear; so does the state, under a secret name. */
export type Way = Properties;

/** The ways to the nodes of a cluster, by their addresses. `hostKeys` are those that were seen on first contact. */
export function waysTo(
  config: ClusterConfig,
  inputs: Properties,
  { hostKeys }: { hostKeys: Readonly<Record<string, string>> },
): Readonly<Record<string, Way>> {
  const bastion = bastionOf(config);
  const ways = nodeNames(inputs).flatMap((name, index) => {
    const node = config.nodes[index];
    return node === undefined ? [] : [[node.address, wayTo(node, name, { inputs, bastion, hostKeys })] as const];
  });
  return Object.fromEntries(ways);
}

interface WayOptions {
  readonly inputs: Properties;
  readonly bastion: Way | undefined;
  readonly hostKeys: Readonly<Record<string, string>>;
}

function wayTo(node: NodeConfig, name: string, { inputs, bastion, hostKeys }: WayOptions): Way {
  const entry = mapAt(mapAt(inputs, "nodes"), name);
  const { hostKey = hostKeys[node.address], proxy = bastion, ...connection } = connectionOf(inputs, name);
  const { port, user, dockerSocket, sshKeyPath, sshAgentAuth } = node;
  const host = entry.host ?? node.address;
  return storable({ ...connection, host, port, user, dockerSocket, sshKeyPath, sshAgentAuth, hostKey, proxy });
}

function bastionOf({ bastionHost }: ClusterConfig): Way | undefined {
  if (!bastionHost?.address) return undefined;
  const { address, port, user, sshKey, sshKeyPath, sshCert, sshCertPath, sshAgentAuth } = bastionHost;
  return storable({
    host: address,
    port,
    user,
    privateKey: sshKey,
    sshKeyPath,
    certificate: sshCert,
    sshCertPath,
    sshAgentAuth,
  });
}

/**
 * A way as the SSH client takes it. A key that is given wins; then an agent that is asked for; then the file that is
 * named, or that SSH itself would try.
 */
export function connectionBy(way: Way): Connection {
  const { host, port, user, proxy } = way;
  const password = textAt(way, "privateKeyPassword");
  const dockerSocketPath = textAt(way, "dockerSocket");
  const hostKey = textAt(way, "hostKey");
  return {
    host: String(host),
    port: Number(port ?? 22),
    user: String(user ?? "root"),
    ...credentialsOf(way),
    ...(password !== undefined && { privateKeyPassphrase: new Secret(password) }),
    ...(hostKey !== undefined && { hostKey }),
    ...(dockerSocketPath !== undefined && { dockerSocketPath }),
    ...(isMap(proxy) && { proxy: connectionBy(proxy) }),
  };
}

function credentialsOf(way: Way): Pick<Connection, "privateKey" | "certificate" | "agentSocketPath"> {
  const privateKey = textAt(way, "privateKey");
  const certificate = textAt(way, "certificate") ?? fileAt(textAt(way, "sshCertPath"), "SSH certificate");
  const agentSocketPath =
    textAt(way, "agentSocketPath") ?? (way.sshAgentAuth === true ? process.env.SSH_AUTH_SOCK : undefined);
  const withCertificate = certificate === undefined ? {} : { certificate };
  if (privateKey !== undefined) {
    return { privateKey: new Secret(privateKey), ...(agentSocketPath && { agentSocketPath }), ...withCertificate };
  }
  if (agentSocketPath) return { agentSocketPath, ...withCertificate };
  const key = fileAt(textAt(way, "sshKeyPath") ?? "~/.ssh/id_rsa", "SSH key");
  return { ...(key !== undefined && { privateKey: new Secret(key) }), ...withCertificate };
}

function fileAt(path: string | undefined, what: string): string | undefined {
  if (path === undefined) return undefined;
  const file = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new RkeError(
      "config",
      {
        doing: `read the ${what}`,
        because: `"${path}" cannot be read: ${error instanceof Error && "code" in error ? error.code : "it fails"}`,
        hint: "Give privateKey or agentSocketPath to the node, or name another file in sshKeyPath",
      },
      { cause: error },
    );
  }
}
