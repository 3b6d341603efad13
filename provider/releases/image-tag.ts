/** The tag of an image reference; undefined when there is none, or only a digest. */
export function imageTag(image: string): string | undefined {
  return parts(image).tag;
}

/**
 * The image for work on snapshots: the `alpine` image, with the tools of the default version when it is RKE's own.
 * An image that is pinned by its digest stays what it is.
 */
export function backupImage(alpine: string, { backupImageTag }: { readonly backupImageTag: string }): string {
  const { name, digest } = parts(alpine);
  return name.includes("rancher/rke-tools") && digest === undefined ? `${name}:${backupImageTag}` : alpine;
}

function parts(image: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const [reference = "", digest] = image.split("@");
  // A colon before the last slash belongs to the port of a registry.
  const colon = reference.indexOf(":", reference.lastIndexOf("/") + 1);
  if (colon < 0) return { name: reference, tag: undefined, digest };
  return { name: reference.slice(0, colon), tag: reference.slice(colon + 1), digest };
}
