import type { ServicesConfig } from "../../config/cluster-config.ts";
import { defaultAuditPolicy } from "../../config/defaults/services.ts";
import { goYaml } from "./go-yaml.ts";
import { withoutEmpty } from "./without-empty.ts";

/** The audit policy of the API servers; undefined while the audit log is off. */
export function auditPolicyFile({ auditLog }: ServicesConfig["kubeApi"]): string | undefined {
  if (!auditLog?.enabled) return undefined;
  return goYaml(asKubernetesWrites(auditLog.configuration?.policy ?? defaultAuditPolicy));
}

/** Whether the policy is put on the nodes: not when a flag of the person's names another file. */
export const deploysAuditPolicy = ({ extraArgs }: ServicesConfig["kubeApi"]): boolean =>
  extraArgs?.["audit-policy-file"] === undefined;

/** A policy read and written back by Kubernetes: empty settings are gone, and the metadata have their empty time. */
function asKubernetesWrites({ metadata, rules, ...policy }: Readonly<Record<string, unknown>>): unknown {
  return {
    ...withoutEmpty(policy),
    metadata: { creationTimestamp: null, ...withoutEmpty((metadata ?? {}) as Record<string, unknown>) },
    rules: Array.isArray(rules) ? rules.map((rule: Record<string, unknown>) => asRule(rule)) : null,
  };
}

/** The level of a rule is always written, also where it is empty. */
const asRule = ({ level = "", ...rule }: Readonly<Record<string, unknown>>): unknown => ({
  level,
  ...withoutEmpty(rule),
});
