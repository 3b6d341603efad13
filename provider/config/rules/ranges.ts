import type { Path } from "../finding.ts";
import { type Cidr, contains, overlap, parseCidr, parseIp, textOfIp } from "../ip.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

const servicePath: Path = ["services", "kubeApi", "serviceClusterIpRange"];
const controllerPath: Path = ["services", "kubeController", "serviceClusterIpRange"];
const podPath: Path = ["services", "kubeController", "clusterCidr"];
const dnsPath: Path = ["services", "kubelet", "clusterDnsServer"];
const nodelocalPath: Path = ["dns", "nodelocal", "ipAddress"];

/** Addresses of pods, Services and machines, and how they lie to each other. */
export function* rangeRules(draft: Draft): Generator<Verdict> {
  const { kubeApi, kubeController } = draft.config.services;
  const services = yield* rangesOf(kubeApi.serviceClusterIpRange, servicePath);
  const controllers = yield* rangesOf(kubeController.serviceClusterIpRange, controllerPath);
  const pods = yield* rangesOf(kubeController.clusterCidr, podPath);

  yield* sizeRules(draft, services, pods);
  if (services.length > 0 && controllers.length > 0 && !isSame(services, controllers)) {
    const reason = `services.kubeApi has the service range ${quoted(kubeApi.serviceClusterIpRange)}, and this is ${quoted(kubeController.serviceClusterIpRange)}: give both the same`;
    yield warning(controllerPath, reason, [servicePath]);
  }
  for (const pod of pods) {
    for (const service of services.filter((range) => overlap(pod, range))) {
      const isWithin = service.first <= pod.first && pod.last <= service.last;
      const reason = `The pod range ${rangeText(pod)} overlaps the service range ${rangeText(service)}`;
      yield isWithin
        ? failure(podPath, `${reason} and has no address of its own`, [servicePath])
        : warning(podPath, `${reason}: give pods a range of their own`, [servicePath]);
    }
  }
  yield* dnsRules(draft, services);
  yield* machineRules(draft, { services, pods });
}

function* rangesOf(text: string, path: Path): Generator<Verdict, readonly Cidr[]> {
  const ranges: Cidr[] = [];
  const parts = text.split(",");
  for (const part of parts) {
    const range = parseCidr(part);
    if (range === undefined) {
      const bare = parseIp(part) !== undefined;
      const instead = bare
        ? `the prefix is missing: write ${part}/16, or what fits`
        : "write a range such as 10.43.0.0/16";
      yield failure(path, `${quoted(part)} is not a range of addresses: ${instead}`);
      return [];
    }
    ranges.push(range);
  }
  if (ranges.length > 2 || (ranges.length === 2 && ranges[0]?.family === ranges[1]?.family)) {
    yield failure(path, `${quoted(text)} is too much: at most one IPv4 and one IPv6 range are possible`);
    return [];
  }
  return ranges;
}

/** Limits that the API server and the controller manager refuse to start beyond. */
function* sizeRules({ config }: Draft, services: readonly Cidr[], pods: readonly Cidr[]): Generator<Verdict> {
  for (const range of services) {
    const bits = (range.family === 4 ? 32 : 128) - range.prefix;
    if (bits > 20) {
      const prefix = range.family === 4 ? 12 : 108;
      yield failure(
        servicePath,
        `The service range ${rangeText(range)} is too large: at most a /${prefix} is possible`,
      );
    }
    if (bits < 2) yield failure(servicePath, `The service range ${rangeText(range)} is too small`);
  }
  const args = config.services.kubeController.extraArgs ?? {};
  const basis: Path[] = [["services", "kubeController", "extraArgs"]];
  for (const range of pods) {
    const flag = range.family === 4 ? "node-cidr-mask-size-ipv4" : "node-cidr-mask-size-ipv6";
    const perNode = Number(args[flag] ?? args["node-cidr-mask-size"] ?? (range.family === 4 ? 24 : 64));
    if (!Number.isInteger(perNode) || args["allocate-node-cidrs"] === "false") continue;
    if (range.prefix > perNode) {
      yield failure(
        podPath,
        `The pod range ${rangeText(range)} is too small: every node gets a /${perNode} of it`,
        basis,
      );
      continue;
    }
    const room = 2 ** (perNode - range.prefix);
    if (config.nodes.length > room) {
      const reason = `The pod range ${rangeText(range)} has room for ${room} nodes with a /${perNode} each, and there are ${config.nodes.length}`;
      yield warning(podPath, reason, [["nodes"], ...basis]);
    }
  }
}

function* dnsRules({ config, given }: Draft, services: readonly Cidr[]): Generator<Verdict> {
  const text = config.services.kubelet.clusterDnsServer;
  const dns = parseIp(text);
  const hasAddon = config.dns.provider !== "none";
  if (dns === undefined) {
    yield failure(dnsPath, `${quoted(text)} is not an address: the address of the cluster's DNS Service is wanted`);
    return;
  }
  const basis = [servicePath, ["dns", "provider"]];
  const range = services.find((service) => contains(service, dns));
  if (services.length > 0 && range === undefined && hasAddon) {
    const [first] = services;
    const example = first === undefined ? "" : `, ${textOfIp({ ...first, value: first.first + 10n })} for one`;
    const byDefault = given.services?.kubelet?.clusterDnsServer ? "" : " (the default)";
    const reason = `The DNS address ${text}${byDefault} is not in the service range ${services.map(rangeText).join(",")}: choose one in it${example}`;
    yield failure(dnsPath, reason, basis);
  } else if (range !== undefined && dns.value - range.first < 2n && hasAddon) {
    yield failure(
      dnsPath,
      `The DNS address ${text} is the first of the service range, which the API server takes`,
      basis,
    );
  }

  const nodelocal = config.dns.nodelocal?.ipAddress;
  if (nodelocal === undefined || nodelocal === "") return;
  const cache = parseIp(nodelocal);
  if (cache === undefined) {
    yield failure(nodelocalPath, `${quoted(nodelocal)} is not an address: 169.254.20.10 is the usual one`);
  } else if (services.some((service) => contains(service, cache))) {
    const reason = `The address ${nodelocal} lies in the service range: a link-local one such as 169.254.20.10 belongs to no Service`;
    yield warning(nodelocalPath, reason, [servicePath]);
  }
}

interface Ranges {
  readonly services: readonly Cidr[];
  readonly pods: readonly Cidr[];
}

function* machineRules({ config }: Draft, { services, pods }: Ranges): Generator<Verdict> {
  for (const [index, node] of config.nodes.entries()) {
    for (const key of ["address", "internalAddress"] as const) {
      if (key === "internalAddress" && node.internalAddress === node.address) continue;
      const ip = parseIp(node[key]);
      if (ip === undefined) continue;
      for (const [what, ranges, path] of [
        ["service", services, servicePath],
        ["pod", pods, podPath],
      ] as const) {
        const range = ranges.find((candidate) => contains(candidate, ip));
        if (range === undefined) continue;
        const reason = `The address ${node[key]} lies in the ${what} range ${rangeText(range)}: the node may be out of reach for pods`;
        yield warning(["nodes", index, key], reason, [path]);
      }
    }
  }
}

const rangeText = (range: Cidr): string => `${textOfIp({ ...range, value: range.first })}/${range.prefix}`;

const isSame = (a: readonly Cidr[], b: readonly Cidr[]): boolean =>
  a.length === b.length &&
  a.every((range) =>
    b.some((other) => other.first === range.first && other.prefix === range.prefix && other.family === range.family),
  );
