import { deflateRawSync, inflateRawSync } from "node:zlib";

/**
 * What the machines of a large cluster say is mostly the same, and Pulumi takes each byte of a state in hand many times in
 * every preview. Small values stay readable.
 */
export function packed(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length < worthIt ? text : mark + deflateRawSync(text).toString("base64");
}

/** The value in what `packed` has written; of anything else, that itself. */
export function unpacked(text: unknown): unknown {
  if (typeof text !== "string") return text;
  try {
    return JSON.parse(text.startsWith(mark) ? inflated(text.slice(mark.length)) : text);
  } catch {
    return text;
  }
}

const inflated = (base64: string): string => inflateRawSync(Buffer.from(base64, "base64")).toString("utf8");

const worthIt = 65_536;

const mark = "deflate:";
