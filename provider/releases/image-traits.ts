import { RkeError } from "../errors.ts";
import { imageTag } from "./image-tag.ts";
import { inRange, minorName, parseTag, type Version } from "./versions.ts";

/** What the tag of the etcd image decides, whatever Kubernetes version runs on it. */
export interface EtcdImageTraits {
  /** Whether clients are also told of the old port 4001. */
  readonly advertisesPort4001: boolean;
  readonly endpointVariable: "ETCDCTL_ENDPOINT" | "ETCDCTL_ENDPOINTS";
  /** Whether TLS is held to two cipher suites. */
  readonly limitsCipherSuites: boolean;
  /** Whether a snapshot is restored in this image; newer ones have no shell and leave it to the backup image. */
  readonly restoresSnapshots: boolean;
}

export function etcdImageTraits(image: string): EtcdImageTraits {
  const version = versionOfImage(image, "etcd");
  return {
    advertisesPort4001: inRange(version, "<3.4.3-rancher99"),
    endpointVariable: inRange(version, "<3.2.99") ? "ETCDCTL_ENDPOINT" : "ETCDCTL_ENDPOINTS",
    limitsCipherSuites: inRange(version, ">=3.4.14-rancher99"),
    restoresSnapshots: !image.includes("rancher/mirrored-coreos-etcd") || inRange(version, "<3.5.7"),
  };
}

/** What the tag of the Kubernetes image decides, whatever version the cluster has. */
export interface KubernetesImageTraits {
  /** `v1.31` */
  readonly minor: string;
  readonly controllerManagerHealthUrl: string;
  readonly schedulerHealthUrl: string;
}

export function kubernetesImageTraits(image: string): KubernetesImageTraits {
  const version = versionOfImage(image, "kubernetes");
  return {
    minor: minorName(version),
    controllerManagerHealthUrl: inRange(version, "<1.21.99-rancher99")
      ? "http://localhost:10252/healthz"
      : "https://localhost:10257/healthz",
    schedulerHealthUrl: inRange(version, "<1.22.99-rancher99")
      ? "http://localhost:10251/healthz"
      : "https://localhost:10259/healthz",
  };
}

/** Where the sidekick keeps the entrypoint of the Kubernetes containers. A tag that is no version counts as new. */
export function toolsEntrypoint(sidecarImage: string): string {
  const version = parseTag(imageTag(sidecarImage) ?? "");
  const isOld = version !== undefined && inRange(version, "<0.1.13");
  return isOld ? "/opt/rke/entrypoint.sh" : "/opt/rke-tools/entrypoint.sh";
}

const exampleTags = { etcd: "v3.5.16", kubernetes: "v1.32.7-rancher1" } as const;

function versionOfImage(image: string, key: keyof typeof exampleTags): Version {
  const tag = imageTag(image);
  const version = tag === undefined ? undefined : parseTag(tag);
  if (version !== undefined) return version;
  throw new RkeError("config", {
    doing: `use the image "${image}" as systemImages.${key}`,
    because:
      tag === undefined
        ? "it has no tag, and the flags of its containers depend on its version"
        : `its tag "${tag}" is not a version, and the flags of its containers depend on one`,
    hint: `Add a tag that begins with the version, such as "${exampleTags[key]}"; a digest may follow it`,
  });
}
