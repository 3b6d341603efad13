import type { Release } from "./release.ts";

/** Whether RKE runs this release on a Docker engine of that version, of which only major and minor count. */
export function acceptsDocker({ dockerVersions }: Release, serverVersion: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(serverVersion) ?? [];
  return dockerVersions.some((accepted) => {
    const [acceptedMajor, acceptedMinor] = accepted.split(".");
    return Number(acceptedMajor) === Number(major) && Number(acceptedMinor) === Number(minor);
  });
}
