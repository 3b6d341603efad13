import type { Path } from "../config/finding.ts";
import { dotted } from "../config/paths.ts";
import { unknownValue } from "../config/unknowns.ts";
import type { Properties } from "./handler.ts";
import { isMap, mapAt } from "./properties.ts";
import { isRestoreRequest } from "./restore-input.ts";

/** What the state has beside the inputs. */
export const clusterOutputs: readonly string[] = [
  "endpoints",
  "nodeStatus",
  "backups",
  "certificateExpiry",
  "certificates",
  "rkeState",
  "encryptionKeys",
  "ways",
  "facts",
  "applied",
  "attempted",
  "restored",
  "stateVersion",
];

/** Inputs that are no settings of cluster.yml. */
const ownInputs: readonly string[] = [
  "__provider",
  "name",
  "nodes",
  "connections",
  "secrets",
  "identity",
  "kubeconfig",
  "clusterId",
  "server",
  "release",
  "planes",
  "timeouts",
  "waive",
  "onDelete",
  "adopt",
  "safetySnapshot",
  "restoreSecrets",
];

/** The nodes in an order that does not depend on how they were written: `web-2` comes before `web-10`. */
export const nodeNames = (inputs: Properties): readonly string[] =>
  Object.keys(mapAt(inputs, "nodes")).toSorted(byNumber.compare);

const byNumber = new Intl.Collator("en", { numeric: true });

/** What was registered, put together again as the arguments of a cluster. */
export function clusterArgs(inputs: Properties): Properties {
  const isOwn = (name: string) =>
    ownInputs.includes(name) || clusterOutputs.includes(name) || (name === "restore" && isRestoreRequest(inputs[name]));
  const names = Object.keys(inputs).filter((name) => !isOwn(name));
  const settings: unknown = structuredClone(Object.fromEntries(names.map((name) => [name, inputs[name]])));
  const args = withSecrets(settings, mapAt(inputs, "secrets"));
  const nodes = nodeNames(inputs).map((name) =>
    nodeArgs(mapAt(mapAt(inputs, "nodes"), name), connectionOf(inputs, name)),
  );
  return { ...args, ...(inputs.release !== undefined && { kubernetesVersion: inputs.release }), nodes };
}

/** Settings with what the class has taken out of them, by its place. */
export const withSecrets = (settings: unknown, secrets: Properties): Properties =>
  Object.entries(secrets).reduce(
    (rest, [place, value]) => withValueAt(rest, pathOf(place), value),
    settings,
  ) as Properties;

/** How one gets into a node. Not known as a whole as long as a part of it is not. */
export function connectionOf(inputs: Properties, name: string): Properties {
  const connections = inputs.connections === unknownValue ? { [name]: unknownValue } : mapAt(inputs, "connections");
  return connections[name] === unknownValue ? { privateKey: unknownValue } : mapAt(connections, name);
}

/** A node in the words of the schema. */
function nodeArgs(entry: Properties, connection: Properties): Properties {
  const { host, address, port, user, roles, ...rest } = entry;
  const { privateKey, certificate, sshKeyPath, sshCertPath } = connection;
  const args = {
    ...rest,
    address: address ?? host,
    port: typeof port === "number" ? String(port) : port,
    user: user ?? "root",
    role: roles,
    sshKey: privateKey,
    sshKeyPath,
    sshCert: certificate,
    sshCertPath,
  };
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
}

/** A place in the arguments in the words of the program: `nodes["web-1"].roles[0]`. */
export function programPath(path: Path, inputs: Properties): string {
  const [first, index, key, ...rest] = path;
  if (first === "kubernetesVersion" || first !== "nodes" || typeof index !== "number") return dotted(path);
  const name = nodeNames(inputs)[index] ?? index;
  const entry = mapAt(mapAt(inputs, "nodes"), String(name));
  const word = key === "address" && entry.address === undefined ? "host" : (nodeWords[String(key)] ?? key);
  return dotted(["nodes", name, ...(word === undefined ? [] : [word]), ...rest]);
}

const nodeWords: Readonly<Record<string, string>> = { role: "roles", sshKey: "privateKey", sshCert: "certificate" };

/** `privateRegistries[0].password` and `virtualCenter["vc.example.com"].password` as the paths they are. */
const pathOf = (place: string): Path =>
  [...place.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|[^.[\]]+/g)].map(([word, index, quoted]) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? word : String(JSON.parse(quoted));
  });

function withValueAt(target: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof key === "number") {
    const items = Array.isArray(target) ? [...target] : [];
    items[key] = withValueAt(items[key], rest, value);
    return items;
  }
  const block = isMap(target) ? target : {};
  return { ...block, [key]: withValueAt(block[key], rest, value) };
}
