import { builtTemplate } from "../../releases/addon-traits.ts";
import type { AddonName } from "../../releases/release.ts";
import type { Path } from "../finding.ts";
import { type Draft, type Verdict, warning } from "./draft.ts";

/** Addons that we do not deploy, since the manifests that go with a release are not among those that we build. */
export function* addonManifestRules({ config, release }: Draft): Generator<Verdict> {
  if (release === undefined) return;
  const missing = wantedAddons(config).filter(
    // What has no manifest at all is told by other rules.
    ({ key }) => release.templates[key] !== undefined && builtTemplate(release, key) === undefined,
  );
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(", ");
  const reason = `For Kubernetes ${release.kubernetesVersion} we do not deploy ${names}: what rke has deployed stays as it is, and a new cluster gets none`;
  yield warning(
    ["kubernetesVersion"],
    reason,
    missing.map(({ path }) => path),
  );
}

interface WantedAddon {
  readonly path: Path;
  readonly name: string;
  readonly key: AddonName;
}

function wantedAddons({ network, dns, ingress, monitoring }: Draft["config"]): readonly WantedAddon[] {
  const all: readonly (readonly [Path, string, AddonName | undefined])[] = [
    [["network"], network.plugin, networks.find((name) => name === network.plugin)],
    [["dns"], dns.provider, servers[dns.provider]],
    [["dns"], "nodelocal", dns.nodelocal?.ipAddress ? "nodelocal" : undefined],
    [["monitoring"], "metrics-server", monitoring.provider === "none" ? undefined : "metricsServer"],
    [["ingress"], "ingress-nginx", ingress.provider === "nginx" ? "nginxIngress" : undefined],
  ];
  return all.flatMap(([path, name, key]) => (key === undefined ? [] : [{ path, name, key }]));
}

const networks = ["canal", "calico", "flannel", "weave", "aci"] as const;
const servers: Readonly<Record<string, AddonName>> = { coredns: "coreDNS", "kube-dns": "kubeDNS" };
