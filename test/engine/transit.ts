import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { bodyOf, parseJson, sendJson } from "../fleet/http.ts";

/**
 * A stand-in for the part of Vault that encrypts keys for others, and hides nothing. Pulumi asks it once per process, where a
 * passphrase takes a million rounds of hashing. The same for all stacks of this process, and gone with it.
 */
export function transitUrl(): Promise<string> {
  url ??= start();
  return url;
}

let url: Promise<string> | undefined;

interface Asked {
  readonly plaintext?: string;
  readonly ciphertext?: string;
}

async function start(): Promise<string> {
  const server = createServer(async (request, response) => {
    const { plaintext, ciphertext = "" } = parseJson<Asked>(await bodyOf(request));
    const data =
      plaintext === undefined ? { plaintext: ciphertext.slice(MARK.length) } : { ciphertext: MARK + plaintext };
    sendJson(response, 200, { data });
  });
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const MARK = "vault:v1:";
