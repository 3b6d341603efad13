import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { nativeKeys } from "../../provider/pki/openssl.ts";
import { Secret } from "../../provider/secrets.ts";

/** Keys are kept from run to run, out of the way; whoever removes them waits some seconds longer once. */
export const poolFolder = join(__dirname, "../../node_modules/.cache/test-keys");

const generate = nativeKeys();

/** A key of the pool, counted from 0: making one takes long, and there is no need for more. */
export async function keyOfPool(index: number): Promise<Secret<string>> {
  const path = join(poolFolder, `${index}.pem`);
  if (existsSync(path)) return new Secret(readFileSync(path, "utf8"));
  const key = await generate(String(index));
  mkdirSync(poolFolder, { recursive: true });
  // Test files run side by side: none of them may see half a key.
  writeFileSync(`${path}.${process.pid}`, key.unwrap(), { mode: 0o600 });
  renameSync(`${path}.${process.pid}`, path);
  return key;
}
