import { onEachMachine } from "../check.ts";

/** Finds machines whose kernel runs cgroup v1 where the kubelet has given it up. */
export const cgroupV1 = onEachMachine(({ seen }, { desired: { release } }) =>
  seen.machine.cgroupVersion !== "1" || release.cgroupV1Supported
    ? []
    : [
        {
          severity: "error",
          reason: `it runs cgroup v1, and the kubelet of ${release.kubernetesVersion} starts on cgroup v2 only`,
          hint: "Boot with systemd.unified_cgroup_hierarchy=1, or use a newer operating system",
        },
      ],
);
