import { acceptsDocker } from "../../releases/accepts-docker.ts";
import { onEachMachine } from "../check.ts";

/**
 * Finds engines that are too old for the kubelet, and those that nobody tried with this release. What we need ourselves
 * was settled when the connection was made.
 */
export const dockerVersion = onEachMachine(({ seen }, { desired: { release, config } }) => {
  const { serverVersion, apiVersion } = seen.machine.docker;
  if (acceptsDocker(release, serverVersion)) return [];
  if (isOlder(apiVersion, KUBELETS_API)) {
    return [
      {
        severity: "error",
        reason: `Docker ${serverVersion} speaks API ${apiVersion}, and the kubelet needs ${KUBELETS_API} or newer`,
        hint: "Update Docker on the machine",
      },
    ];
  }
  if (config.ignoreDockerVersion === true || release.dockerVersions.length === 0) return [];
  const tested = release.dockerVersions.map((version) => version.replace(/\.x$/, ""));
  return [
    {
      severity: "warning",
      reason: `Docker ${serverVersion} was not tested with ${release.kubernetesVersion} (tested: ${tested.join(", ")})`,
      hint: "Set ignoreDockerVersion once you have seen it work, or install a version from the list",
    },
  ];
});

/** The least that dockershim and cri-dockerd talk to. Releases that take older engines say so in their list. */
const KUBELETS_API = "1.26";

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = than.split(".").map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
