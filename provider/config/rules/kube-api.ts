import { hasOwnAdmissionFile } from "../defaults/services.ts";
import type { Path } from "../finding.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

type Json = Readonly<Record<string, unknown>>;

const at = (...keys: readonly (string | number)[]): Path => ["services", "kubeApi", ...keys];

/** The API server: ports, audit, admission, encryption. */
export function* kubeApiRules(draft: Draft): Generator<Verdict> {
  yield* portRangeRules(draft);
  yield* auditRules(draft);
  yield* admissionRules(draft);
  yield* podSecurityRules(draft);
  yield* encryptionRules(draft);
}

function* portRangeRules({ config }: Draft): Generator<Verdict> {
  const text = config.services.kubeApi.serviceNodePortRange;
  const [, low = "", operator, high] = /^(\d{1,5})(?:([-+])(\d{1,5}))?$/.exec(text.replaceAll(" ", "")) ?? [];
  const first = Number(low);
  const last = operator === undefined ? first : operator === "+" ? first + Number(high) : Number(high);
  if (low === "" || first > last || last > 65535) {
    yield failure(at("serviceNodePortRange"), `${quoted(text)} is not a range of ports: write 30000-32767`);
  }
}

function* auditRules({ given, config }: Draft): Generator<Verdict> {
  const log = config.services.kubeApi.auditLog;
  const configuration = given.services?.kubeApi?.auditLog?.configuration;
  if (configuration === undefined) return;
  if (!log?.enabled) {
    const reason =
      "The audit log is off, and its configuration is given all the same: RKE then passes flags for a policy that is not there";
    yield warning(at("auditLog", "configuration"), reason, [at("auditLog", "enabled")]);
  }
  const absent = (["maxAge", "maxBackup", "maxSize", "path", "format"] as const).filter((key) => !configuration[key]);
  if (log?.enabled && absent.length > 0) {
    const reason = `As soon as one setting is given, RKE fills in no other: ${absent.join(", ")} ${absent.length > 1 ? "are" : "is"} not set`;
    yield warning(at("auditLog", "configuration"), reason);
  }
  const { policy } = configuration;
  if (policy !== undefined) {
    yield* kindRules(policy, at("auditLog", "configuration", "policy"), { kind: "Policy", group: "audit.k8s.io" });
  }
}

const usedPlugins = new Set(["EventRateLimit", "PodSecurity"]);

function* admissionRules({ given, config }: Draft): Generator<Verdict> {
  const kubeApi = given.services?.kubeApi ?? {};
  const admission = kubeApi.admissionConfiguration;
  if (hasOwnAdmissionFile(config.services.kubeApi)) {
    for (const key of ["admissionConfiguration", "eventRateLimit"] as const) {
      if (kubeApi[key] === undefined || (key === "eventRateLimit" && !kubeApi.eventRateLimit?.configuration)) continue;
      const reason = `${key} has no effect beside a file of your own (admission-control-config-file in extraArgs)`;
      yield warning(at(key), reason, [at("extraArgs")]);
    }
  }
  if (admission !== undefined) {
    const path = at("admissionConfiguration");
    yield* kindRules(admission, path, { kind: "AdmissionConfiguration", group: "apiserver.config.k8s.io" });
    const plugins = Array.isArray(admission.plugins) ? admission.plugins : [];
    for (const [index, plugin] of plugins.entries()) {
      const name = typeof plugin === "object" && plugin !== null && !Array.isArray(plugin) ? plugin.name : undefined;
      if (typeof name === "string" && usedPlugins.has(name)) continue;
      const shown = typeof name === "string" ? quoted(name) : "without a name";
      const reason = `The plugin ${shown} is left out, as in RKE: only EventRateLimit and PodSecurity are used`;
      yield warning([...path, "plugins", index], reason);
    }
  }
  const limits = kubeApi.eventRateLimit;
  if (limits?.enabled && limits.configuration !== undefined && !Array.isArray(limits.configuration.limits)) {
    yield failure(
      at("eventRateLimit", "configuration", "limits"),
      "A list of limits is wanted, each with type, qps and burst",
    );
  }
}

function* podSecurityRules({ given, config, release }: Draft): Generator<Verdict> {
  if (release === undefined) return;
  const level = given.services?.kubeApi?.podSecurityConfiguration;
  const path = at("podSecurityConfiguration");
  if (level && !release.podSecurity.supported) {
    yield failure(path, `Pod security needs Kubernetes v1.23 or newer, and this is ${release.kubernetesVersion}`, [
      ["kubernetesVersion"],
    ]);
    return;
  }
  const { mode } = config.authorization;
  if (mode !== "rbac" && config.services.kubeApi.podSecurityConfiguration) {
    const own = "a file of your own (admission-control-config-file in extraArgs of services.kubeApi)";
    const reason = `Kubernetes ${release.kubernetesVersion} comes with pod security, which needs the mode "rbac": use it, or ${own}`;
    yield failure(["authorization", "mode"], reason, [path, ["kubernetesVersion"], at("extraArgs")]);
  }
}

function* encryptionRules({ given }: Draft): Generator<Verdict> {
  const encryption = given.services?.kubeApi?.secretsEncryptionConfig;
  const custom = encryption?.customConfig;
  if (custom === undefined) return;
  const path = at("secretsEncryptionConfig", "customConfig");
  if (custom.kind !== undefined || custom.apiVersion !== undefined) {
    yield* kindRules(custom, path, { kind: "EncryptionConfiguration", group: "apiserver.config.k8s.io" });
  }
  if (!Array.isArray(custom.resources) || custom.resources.length === 0) {
    yield failure([...path, "resources"], "A list of resources with their providers is wanted");
  }
  if (!encryption?.enabled) {
    const reason = "The configuration has no effect until encryption is enabled";
    yield warning(path, reason, [at("secretsEncryptionConfig", "enabled")]);
  }
}

function* kindRules(
  value: Json,
  path: Path,
  { kind, group }: { readonly kind: string; readonly group: string },
): Generator<Verdict> {
  const shown = (given: unknown) => (typeof given === "string" ? `, ${quoted(given)} was found` : "");
  if (value.kind !== kind) yield failure([...path, "kind"], `The kind "${kind}" is wanted${shown(value.kind)}`);
  if (typeof value.apiVersion !== "string" || !value.apiVersion.startsWith(`${group}/`)) {
    yield failure(
      [...path, "apiVersion"],
      `An apiVersion of ${group} is wanted, such as "${group}/v1"${shown(value.apiVersion)}`,
    );
  }
}
