import { parseIp } from "../ip.ts";
import { nearestName } from "../nearest-name.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";
import { flagRules } from "./services.ts";

/** DNS, metrics and ingress: values that RKE takes without a word and does nothing with. */
export function* addonSettingRules(draft: Draft): Generator<Verdict> {
  yield* dnsRules(draft);
  yield* nodelocalRules(draft);
  yield* monitoringRules(draft);
  yield* ingressRules(draft);
}

const dnsProviders = ["coredns", "kube-dns", "none"];
const dnsOptions = [
  "coredns_priority_class_name",
  "coredns_autoscaler_priority_class_name",
  "kube_dns_priority_class_name",
  "kube_dns_autoscaler_priority_class_name",
];

function* dnsRules({ config, release }: Draft): Generator<Verdict> {
  const { dns } = config;
  const basis = [["dns", "provider"]];
  if (!dnsProviders.includes(dns.provider)) {
    const reason = `RKE has no DNS provider ${quoted(dns.provider)} and deploys none: ${dnsProviders.join(", ")} are known`;
    yield warning(["dns", "provider"], reason);
  }
  const template = dns.provider === "coredns" ? "coreDNS" : dns.provider === "kube-dns" ? "kubeDNS" : undefined;
  if (release !== undefined && template !== undefined && release.templates[template] === undefined) {
    const reason = `There is no manifest of ${quoted(dns.provider)} for Kubernetes ${release.kubernetesVersion}: it cannot be deployed`;
    yield failure(["dns", "provider"], reason, [["kubernetesVersion"]]);
  }
  if (dns.provider === "coredns" && dns.stubdomains !== undefined && Object.keys(dns.stubdomains).length > 0) {
    yield warning(["dns", "stubdomains"], 'stubdomains have no effect with "coredns", only with "kube-dns"', basis);
  }
  if (dns.provider === "coredns" && (dns.reversecidrs ?? []).length > 1) {
    yield warning(
      ["dns", "reversecidrs"],
      'RKE writes several ranges in a way that "coredns" may not understand',
      basis,
    );
  }
  for (const option of Object.keys(dns.options ?? {})) {
    if (dnsOptions.includes(option)) continue;
    const meant = nearestName(option, dnsOptions);
    const instead = meant === undefined ? "it has no effect" : `did you mean "${meant}"?`;
    yield warning(["dns", "options", option], `DNS has no option ${quoted(option)}: ${instead}`);
  }
  for (const [index, server] of (dns.upstreamnameservers ?? []).entries()) {
    const withoutPort = server.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([^:]+):\d+$/, "$1");
    if (parseIp(withoutPort) !== undefined) continue;
    yield warning(["dns", "upstreamnameservers", index], `${quoted(server)} is not the address of a name server`);
  }
  const scaling = dns.linearAutoscalerParams;
  if (scaling && !scaling.coresPerReplica && !scaling.nodesPerReplica) {
    const reason =
      "As soon as one setting is given, RKE fills in no other: coresPerReplica or nodesPerReplica is needed";
    yield warning(["dns", "linearAutoscalerParams"], reason);
  }
}

function* nodelocalRules({ config, release }: Draft): Generator<Verdict> {
  const { nodelocal, provider } = config.dns;
  if (nodelocal === undefined) return;
  const path = ["dns", "nodelocal"];
  if (!nodelocal.ipAddress) {
    yield warning(
      [...path, "ipAddress"],
      "Without an address the cache is neither deployed nor removed: 169.254.20.10 is the usual one",
    );
    return;
  }
  if (provider === "none") {
    const reason = 'With the DNS provider "none" the cache is not deployed, and kubelets ask it nevertheless';
    yield warning(path, reason, [["dns", "provider"]]);
  }
  if (release !== undefined && !release.hasNodelocalTemplate) {
    const reason = `There is no manifest of the cache for Kubernetes ${release.kubernetesVersion}: kubelets would ask in vain`;
    yield warning(path, reason, [["kubernetesVersion"]]);
  }
}

function* monitoringRules({ config }: Draft): Generator<Verdict> {
  const { provider, options } = config.monitoring;
  if (provider !== "metrics-server" && provider !== "none") {
    const reason = `RKE deploys metrics-server for ${quoted(provider)} too: "metrics-server" and "none" are known`;
    yield warning(["monitoring", "provider"], reason);
  }
  yield* flagRules(Object.keys(options ?? {}), ["monitoring", "options"]);
}

const largestPort = 65535;

function* ingressRules({ given, config, release }: Draft): Generator<Verdict> {
  const { ingress } = config;
  yield* flagRules(Object.keys(ingress.extraArgs ?? {}), ["ingress", "extraArgs"]);
  for (const key of ["httpPort", "httpsPort"] as const) {
    const port = ingress[key];
    if (port < 0 || port > largestPort) {
      yield failure(["ingress", key], `${port} is not a port: write a number from 1 to ${largestPort}`);
    }
  }
  // The mode that nobody gave depends on the release.
  const mode = given.ingress?.networkMode || (release === undefined ? undefined : ingress.networkMode);
  if (ingress.provider !== "none" && mode === "hostPort" && ingress.httpPort === ingress.httpsPort) {
    const reason = `HTTP and HTTPS cannot both have the port ${ingress.httpPort}: give each its own`;
    yield failure(["ingress", "httpsPort"], reason, [
      ["ingress", "httpPort"],
      ["ingress", "networkMode"],
    ]);
  }
}
