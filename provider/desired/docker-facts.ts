/** What a node's Docker engine says about itself, as far as a plan depends on it. Names as in the vectors' docker.json. */
export interface DockerFacts {
  readonly architecture: string;
  readonly dockerRootDir: string;
  readonly operatingSystem: string;
  readonly osType: string;
  readonly securityOptions: readonly string[];
  readonly serverVersion: string;
  readonly cgroupDriver: string;
  readonly cgroupVersion: string;
}

/** What a plan assumes of a machine that nobody has looked at yet: a current Linux with Docker's defaults. */
export const assumedDockerFacts: DockerFacts = {
  architecture: "x86_64",
  cgroupDriver: "systemd",
  cgroupVersion: "2",
  dockerRootDir: "/var/lib/docker",
  operatingSystem: "Linux",
  osType: "linux",
  securityOptions: [],
  serverVersion: "",
};

export const isWindows = ({ osType }: DockerFacts): boolean => osType === "windows";

export const usesSelinux = ({ securityOptions }: DockerFacts): boolean =>
  securityOptions.includes("selinux") || securityOptions.includes("name=selinux");
