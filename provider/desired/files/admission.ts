import type { ServicesConfig } from "../../config/cluster-config.ts";
import { defaultEventRateLimit, hasOwnAdmissionFile } from "../../config/defaults/services.ts";
import type { Release } from "../../releases/release.ts";
import { goYaml } from "./go-yaml.ts";

type KubeApi = ServicesConfig["kubeApi"];

interface Plugin {
  readonly name: string;
  readonly path: string;
  readonly configuration: unknown;
}

/** The admission configuration of the API servers; undefined when the person brings a file of their own. */
export function admissionFile(kubeApi: KubeApi, release: Release): string | undefined {
  if (hasOwnAdmissionFile(kubeApi)) return undefined;
  const podSecurity = podSecurityPlugin(kubeApi, release);
  return goYaml({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AdmissionConfiguration",
    plugins: [eventRateLimitPlugin(kubeApi), ...(podSecurity ? [podSecurity] : [])],
  });
}

/** The limits are always written, with the plugin off as well. */
function eventRateLimitPlugin(kubeApi: KubeApi): Plugin {
  const { eventRateLimit } = kubeApi;
  const given = eventRateLimit?.enabled ? eventRateLimit.configuration : undefined;
  return (
    givenPlugin(kubeApi, "EventRateLimit") ?? {
      name: "EventRateLimit",
      path: "",
      configuration: given === undefined ? defaultEventRateLimit : normalizedLimits(given),
    }
  );
}

function podSecurityPlugin(kubeApi: KubeApi, { podSecurity }: Release): Plugin | undefined {
  if (!podSecurity.supported) return undefined;
  const restricted = kubeApi.podSecurityConfiguration === "restricted";
  return (
    givenPlugin(kubeApi, "PodSecurity") ?? {
      name: "PodSecurity",
      path: "",
      configuration: {
        apiVersion: podSecurity.apiVersion,
        kind: "PodSecurityConfiguration",
        defaults: Object.assign(
          {},
          ...(restricted ? ["enforce", "audit", "warn"] : ["enforce"]).map(latest(restricted)),
        ),
        exemptions: restricted ? { namespaces: ["ingress-nginx", "kube-system"] } : {},
      },
    }
  );
}

const latest = (restricted: boolean) => (mode: string) => ({
  [mode]: restricted ? "restricted" : "privileged",
  [`${mode}-version`]: "latest",
});

/** A plugin of the person's own admission configuration. RKE takes the first of a name, and no others than these two. */
function givenPlugin({ admissionConfiguration }: KubeApi, name: string): Plugin | undefined {
  const plugins = admissionConfiguration?.plugins;
  const given = Array.isArray(plugins) ? plugins.find((plugin) => isNamed(plugin, name)) : undefined;
  if (given === undefined) return undefined;
  return { name, path: typeof given.path === "string" ? given.path : "", configuration: given.configuration ?? null };
}

const isNamed = (plugin: unknown, name: string): plugin is Record<string, unknown> =>
  typeof plugin === "object" && plugin !== null && "name" in plugin && plugin.name === name;

/** Limits as Kubernetes writes them back: rates always, a cache size only when there is one. */
function normalizedLimits({ limits, apiVersion, kind }: Readonly<Record<string, unknown>>): unknown {
  return {
    ...(apiVersion ? { apiVersion } : {}),
    ...(kind ? { kind } : {}),
    limits: Array.isArray(limits) ? limits.map(normalizedLimit) : null,
  };
}

function normalizedLimit(limit: unknown): unknown {
  const { type = "", qps = 0, burst = 0, cacheSize } = (limit ?? {}) as Record<string, unknown>;
  return { type, qps, burst, ...(cacheSize ? { cacheSize } : {}) };
}
