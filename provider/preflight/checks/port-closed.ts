import type { Check } from "../check.ts";
import { requiredConnections } from "../measured.ts";

/** Judges the connections that machines have tried: those that the roles ask for must open. */
export const portClosed: Check = ({ desired, machines, ports }) => {
  const nameOf = (address: string) => machines.find(({ plan }) => plan.node.address === address)?.name ?? address;
  return requiredConnections(desired).flatMap(({ from, to, port, service }) => {
    const tried = ports.find(
      (one) => one.from === from.node.address && one.to === to.node.address && one.port === port,
    );
    if (tried === undefined || tried.answer === "open") return [];
    const target = `${nameOf(to.node.address)}, port ${port} at ${to.node.internalAddress}`;
    return [
      {
        severity: "error" as const,
        node: nameOf(from.node.address),
        reason: `it cannot reach ${service} on ${target}: ${tried.answer === "refused" ? "refused" : "no answer"}`,
        hint: "Open the port between the two in security groups and firewalls, and check the internal addresses",
      },
    ];
  });
};
