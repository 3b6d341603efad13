import { onEachMachine } from "../check.ts";

/** Finds machines whose bridges iptables does not see, so that Services cannot be reached from pods of the same machine. */
export const brNetfilter = onEachMachine(({ seen }, { desired: { config } }) => {
  const state = seen.machine.kernelFacts.br_netfilter;
  if (state === "missing") {
    return [
      {
        severity: "error",
        reason: "its kernel has no module br_netfilter",
        hint: "Install the package with the kernel's extra modules (linux-modules-extra, kernel-modules)",
      },
    ];
  }
  if (state !== "available" || config.network.enableBrNetfilter) return [];
  return [
    {
      severity: "warning",
      reason: "the module br_netfilter is not loaded, and network.enableBrNetfilter is off",
      hint: "Load it at boot (echo br_netfilter > /etc/modules-load.d/br_netfilter.conf), or leave it to kube-proxy",
    },
  ];
});
