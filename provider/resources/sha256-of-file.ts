import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** The checksum of a file of any size, in hexadecimal. */
export async function sha256OfFile(file: string): Promise<string> {
  const sha256 = createHash("sha256");
  await pipeline(createReadStream(file), sha256);
  return sha256.digest("hex");
}
