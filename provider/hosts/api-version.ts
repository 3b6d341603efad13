import { RkeError } from "../errors.ts";

/** The range of the Docker Engine API that this code was written for. */
export const OLDEST_API = "1.24";
export const NEWEST_API = "1.51";

/** What `GET /version` says; engines have answered it, unversioned, since long before ours. */
export interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  /** Absent before Docker 1.13. */
  readonly MinAPIVersion?: string;
  readonly Os: string;
  readonly Arch: string;
  readonly KernelVersion?: string;
}

/** The newest API version that both sides know. */
export function negotiate(engine: EngineVersion, { node }: { node: string }): string {
  const { Version, ApiVersion, MinAPIVersion } = engine;
  const doing = "talk to Docker";
  if (isOlder(ApiVersion, OLDEST_API)) {
    throw new RkeError("docker", {
      doing,
      node,
      because: `Docker ${Version} speaks API ${ApiVersion} and at least ${OLDEST_API} is needed`,
      hint: "Install a newer Docker on the machine, such as one that Kubernetes supports",
    });
  }
  if (MinAPIVersion !== undefined && isOlder(NEWEST_API, MinAPIVersion)) {
    throw new RkeError("docker", {
      doing,
      node,
      because: `Docker ${Version} asks for API ${MinAPIVersion} or newer and this release knows up to ${NEWEST_API}`,
      hint: "Update pulumi-rke, or install an older Docker on the machine",
    });
  }
  return isOlder(ApiVersion, NEWEST_API) ? ApiVersion : NEWEST_API;
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = than.split(".").map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
