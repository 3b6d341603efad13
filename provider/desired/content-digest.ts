import { createHash } from "node:crypto";

/**
 * Tells whether a file holds what it should. White space at the end does not count: what RKE's tools have written ends in
 * one line break more than what they were given.
 */
export const contentDigest = (text: string): string => createHash("sha256").update(text.trimEnd()).digest("hex");
