/**
 * Takes an image reference apart into what the Engine API wants. Without a tag it means `latest`: an engine that is asked
 * to pull a name alone pulls every tag there is.
 */
export function splitImage(image: string): { name: string; tag: string } {
  const digest = image.indexOf("@");
  if (digest !== -1) return { name: withoutTag(image.slice(0, digest)), tag: image.slice(digest + 1) };
  const name = withoutTag(image);
  return { name, tag: image === name ? "latest" : image.slice(name.length + 1) };
}

/** A colon before the last slash belongs to the port of the registry. */
function withoutTag(image: string): string {
  const colon = image.lastIndexOf(":");
  return colon > image.lastIndexOf("/") ? image.slice(0, colon) : image;
}
