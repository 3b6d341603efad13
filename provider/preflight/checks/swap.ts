import { gibibytes, onEachMachine } from "../check.ts";

/** Finds machines with swap where the kubelet was told to refuse them. RKE's default is to tolerate swap. */
export const swap = onEachMachine(({ seen, plan: { containers } }) => {
  const { swapBytes } = seen.machine;
  const kubelet = containers.find(({ spec }) => spec.name === "kubelet")?.spec;
  const words = [...(kubelet?.entrypoint ?? []), ...(kubelet?.cmd ?? [])];
  if (swapBytes === 0 || !words.includes("--fail-swap-on=true")) return [];
  return [
    {
      severity: "error",
      reason: `it has ${gibibytes(swapBytes)} of swap, and the kubelet refuses to start there (failSwapOn)`,
      hint: "Turn swap off (swapoff -a, and the line in /etc/fstab), or set services.kubelet.failSwapOn to false",
    },
  ];
});
