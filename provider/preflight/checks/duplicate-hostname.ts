import type { Check, CheckedMachine } from "../check.ts";
import { listed } from "../check.ts";

/**
 * Finds machines that call themselves the same. RKE gives each Node a name of its own, so a cluster can live with it;
 * what goes by the machine's own name (logs, monitoring, some cloud providers) cannot tell them apart.
 */
export const duplicateHostname: Check = ({ machines, desired }) =>
  groupedBy(machines, ({ seen }) => seen.machine.hostname.toLowerCase()).map(([hostname, same]) => ({
    // There the name of the Node comes from the machine.
    severity: desired.config.cloudProvider.name && same.some(({ isNew }) => isNew) ? "error" : "warning",
    reason: `${listed(same.map(({ name }) => name))} have the same hostname, "${hostname}"`,
    hint: "Give each machine a hostname of its own: hostnamectl set-hostname",
  }));

/** The groups of more than one that share a value; an empty value is none. */
export function groupedBy(
  machines: readonly CheckedMachine[],
  value: (machine: CheckedMachine) => string,
): readonly (readonly [string, readonly CheckedMachine[]])[] {
  const groups = new Map<string, CheckedMachine[]>();
  for (const machine of machines) groups.set(value(machine), [...(groups.get(value(machine)) ?? []), machine]);
  return [...groups].filter(([shared, same]) => shared !== "" && same.length > 1);
}
