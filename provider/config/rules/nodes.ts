import type { NodeConfig } from "../cluster-config.ts";
import type { Path } from "../finding.ts";
import { parseIp } from "../ip.ts";
import { isPort, subdomainProblem } from "../kubernetes-syntax.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

/** Each machine by itself: how it is reached, what it is called, what it does. */
export function* nodeRules({ given, config }: Draft): Generator<Verdict> {
  for (const [index, node] of config.nodes.entries()) {
    const at = (key: keyof NodeConfig): Path => ["nodes", index, key];
    yield* addressRules(node, at);
    yield* roleRules(node, at);
    if (node.user === "") yield failure(at("user"), "The user is missing: name the one that SSH logs in as");
    if (!isPort(node.port))
      yield failure(at("port"), `${quoted(node.port)} is not a port: write a number from 1 to 65535`);
    if (node.sshKey !== undefined && node.sshKey !== "" && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(node.sshKey)) {
      const isPublic = /^(ssh|ecdsa|sk)-/.test(node.sshKey);
      const what = isPublic ? "This is a public key" : "This is not a private key";
      yield failure(at("sshKey"), `${what}: give the text of a private key, or its file in sshKeyPath`);
    }
    if (node.dockerSocket !== undefined && node.dockerSocket !== "" && !node.dockerSocket.startsWith("/")) {
      yield failure(at("dockerSocket"), `${quoted(node.dockerSocket)} is not an absolute path`);
    }
    const agent = given.nodes?.[index]?.sshAgentAuth;
    if (agent !== undefined && agent !== node.sshAgentAuth) {
      const reason = `sshAgentAuth of the cluster (${node.sshAgentAuth}) overrules that of the node: set it there`;
      yield warning(at("sshAgentAuth"), reason, [["sshAgentAuth"]]);
    }
  }
}

/** Machines next to each other: nothing that identifies one may be there twice. */
export function* nodeDuplicateRules({ config }: Draft): Generator<Verdict> {
  for (const key of ["address", "hostnameOverride", "internalAddress"] as const) {
    const firsts = new Map<string, number>();
    for (const [index, node] of config.nodes.entries()) {
      const value = node[key];
      if (value === "") continue;
      const first = firsts.get(value);
      if (first === undefined) {
        firsts.set(value, index);
        continue;
      }
      // A repeated address repeats what defaults to it; once is enough.
      const follows = key !== "address" && node.address === config.nodes[first]?.address;
      if (follows) continue;
      const basis: Path[] = [index, first].flatMap((node): Path[] => [
        ["nodes", node, "address"],
        ["nodes", node, key],
      ]);
      const reason = `nodes[${first}] has the ${names[key]} ${quoted(value)} too: give each node its own`;
      yield failure(["nodes", index, key], reason, basis);
    }
  }
}

const names = { address: "address", hostnameOverride: "name", internalAddress: "internal address" } as const;

function* addressRules(node: NodeConfig, at: (key: keyof NodeConfig) => Path): Generator<Verdict> {
  const basis = [at("address")];
  if (node.address === "") {
    yield failure(at("address"), "The address is missing: give the one that SSH connects to");
    return;
  }
  const problem = addressProblem(node.address);
  if (problem !== undefined) {
    yield failure(at("address"), problem);
    return;
  }
  const internalProblem = addressProblem(node.internalAddress);
  if (internalProblem !== undefined) yield failure(at("internalAddress"), internalProblem);
  else if (parseIp(node.internalAddress)?.family === 6) {
    // RKE writes etcd URLs without the brackets that IPv6 needs.
    const reason = `${quoted(node.internalAddress)} is an IPv6 address: the components of RKE need an IPv4 address or a name`;
    yield node.role.includes("etcd") || node.role.includes("controlplane")
      ? failure(at("internalAddress"), reason, basis)
      : warning(at("internalAddress"), reason, basis);
  }
  yield* nameRules(node, at);
}

function* nameRules(node: NodeConfig, at: (key: keyof NodeConfig) => Path): Generator<Verdict> {
  const name = node.hostnameOverride;
  const isAddress = name === node.address.toLowerCase();
  const because =
    subdomainProblem(name) ??
    (name.length > 63 ? "it is longer than 63 characters, the most a label can hold" : undefined);
  if (because === undefined) return;
  const what = isAddress ? `The address ${quoted(name)}` : quoted(name);
  const instead = isAddress ? ". Give a name in hostnameOverride" : "";
  yield failure(at("hostnameOverride"), `${what} cannot be the name of a node: ${because}${instead}`, [at("address")]);
}

function addressProblem(address: string): string | undefined {
  if (parseIp(address) !== undefined) return undefined;
  const shown = quoted(address);
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(address)) return `${shown} is a URL: give the address only`;
  if (address.includes("@")) return `${shown} has a user in it: give the address only, and the user in user`;
  if (/^[^:]+:\d+$/.test(address)) return `${shown} has a port in it: give the address only, and the port in port`;
  if (/^[\d.]+$/.test(address)) return `${shown} is not an IPv4 address: four numbers from 0 to 255 are wanted`;
  if (address.includes(":")) return `${shown} is not an IPv6 address`;
  return /^[\w-]+(\.[\w-]+)*\.?$/.test(address) ? undefined : `${shown} is neither an address nor a DNS name`;
}

function* roleRules({ role }: NodeConfig, at: (key: keyof NodeConfig) => Path): Generator<Verdict> {
  if (role.length === 0) {
    yield failure(at("role"), 'The role is missing: give one or more of "etcd", "controlplane" and "worker"');
  }
  for (const [index, name] of role.entries()) {
    if (role.indexOf(name) < index) yield failure([...at("role"), index], `The role "${name}" stands twice: keep one`);
  }
}
