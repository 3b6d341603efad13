import { imageTag } from "./image-tag.ts";
import { inRange, parseTag } from "./versions.ts";

/** Where the JSON gateway of an etcd image is. A tag that is no version counts as new. */
export function etcdApiPrefix(image: string): "/v3alpha" | "/v3beta" | "/v3" {
  const version = parseTag(imageTag(image) ?? "");
  if (version === undefined || inRange(version, ">=3.4.0-0")) return "/v3";
  return inRange(version, ">=3.3.0-0") ? "/v3beta" : "/v3alpha";
}
