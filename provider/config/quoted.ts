const longest = 60;
const longestRead = 500;

// `user:password@host`, but not the tag of an image before its digest.
const password = /([^\s/@:]*):[^\s/@]+@(?!sha256:)/g;

/** A value in double quotes as it goes into a message: escaped, without a password, and cut where it is long. */
export function quoted(value: string): string {
  const shown = value.slice(0, longestRead).replace(password, "$1:…@");
  return JSON.stringify(shown.length > longest ? `${shown.slice(0, longest)}…` : shown);
}
