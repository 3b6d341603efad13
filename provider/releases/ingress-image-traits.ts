import { imageTag } from "./image-tag.ts";

/** What the tag of the nginx ingress controller decides. */
export interface IngressImageTraits {
  /** Whether the controller needs an init container with privileges, made from the `alpine` image. */
  readonly needsInitContainer: boolean;
  /** Whether the addon brings admission jobs, which cannot be changed and are deleted before it is applied again. */
  readonly hasAdmissionJobs: boolean;
  /** Whether the controller gets `watch-ingress-without-class=true`, without which older Ingresses stop working. */
  readonly watchesIngressWithoutClass: boolean;
}

/** Tags read `0.21.0-rancher3` or `nginx-1.12.1-rancher4`. RKE compares the number in them as text, and so does this. */
export function ingressImageTraits(image: string): IngressImageTraits {
  const words = imageTag(image)?.split("-") ?? [];
  const version = words.length > 2 ? words[1] : words[0];
  if (version === undefined) {
    return { needsInitContainer: false, hasAdmissionJobs: false, watchesIngressWithoutClass: false };
  }
  return {
    needsInitContainer: version < "0.16.0",
    hasAdmissionJobs: version > "0.40.0",
    watchesIngressWithoutClass: version >= "1.1.0",
  };
}
