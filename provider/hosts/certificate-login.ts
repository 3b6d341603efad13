import type { Client, ParsedKey } from "ssh2";

import { wireReader, wireString } from "./wire-format.ts";

/**
 * Lets a client whose handshake is under way log in with a certified key.
 *
 * ssh2 does all of that but one thing: it puts the name of the key's algorithm before the signature, and for a
 * certificate that must be the plain algorithm's name. So the name is put right in the packet, before it is encrypted.
 * This leans on ssh2's insides; false means that they are not as expected, and nothing was changed.
 */
export function allowCertificate(client: Client, { signatureAlgorithm }: { signatureAlgorithm: string }): boolean {
  const { _protocol: protocol } = client as unknown as { _protocol?: Protocol };
  if (typeof protocol?.authPK !== "function" || !isWriter(protocol._packetRW?.write)) return false;
  const { authPK } = protocol;

  protocol.authPK = (user, key, algorithm, sign) => {
    // ssh2 leaves out the algorithm when the key's type says it.
    const signs = typeof algorithm === "function" ? algorithm : sign;
    if (signs === undefined || !key.type.endsWith(CERTIFICATE)) {
      authPK.call(protocol, user, key, algorithm, sign);
      return;
    }
    authPK.call(protocol, user, key, undefined, (data, send) =>
      signs(data, (signature) => {
        // Asked for only now: the key exchange gives the protocol another writer.
        const writer = protocol._packetRW?.write;
        if (!isWriter(writer)) return;
        const { finalize } = writer;
        writer.finalize = (packet) => finalize.call(writer, renamed(writer, packet, signatureAlgorithm));
        try {
          send(signature);
        } finally {
          writer.finalize = finalize;
        }
      }),
    );
  };
  return true;
}

const CERTIFICATE = "-cert-v01@openssh.com";

type Sign = (data: Buffer, send: (signature: Buffer) => void) => void;

interface Protocol {
  authPK?: (user: string, key: ParsedKey, algorithm: string | Sign | undefined, sign?: Sign) => void;
  _packetRW?: { write?: Writer };
}

interface Writer {
  readonly allocStart: number;
  alloc(payloadLength: number): Buffer;
  finalize(packet: Buffer): Buffer;
}

function isWriter(writer: Writer | undefined): writer is Writer {
  return typeof writer?.finalize === "function" && typeof writer.alloc === "function";
}

/** The same request (RFC 4252, section 7) with another name before the signature. */
function renamed(writer: Writer, packet: Buffer, signatureAlgorithm: string): Buffer {
  const payload = packet.subarray(writer.allocStart);
  const reader = wireReader(payload);
  reader.skip(1); // The number of the message.
  reader.string(); // The user, and next the service and the method.
  reader.string();
  reader.string();
  reader.skip(1); // That there is a signature.
  reader.string(); // The name of the algorithm, and next the certificate.
  reader.string();
  const head = payload.subarray(0, reader.position());
  const signature = wireReader(reader.string());
  signature.string();
  const fixed = Buffer.concat([wireString(signatureAlgorithm), wireString(signature.string())]);
  const content = Buffer.concat([head, wireString(fixed)]);
  const result = writer.alloc(content.length);
  result.set(content, writer.allocStart);
  return result;
}
