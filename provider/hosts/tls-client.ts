import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";

/** A client certificate, its key, and the CA to trust; all PEM. */
export interface ClientCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What to present and whom to trust, for a port that speaks TLS. */
export type Tls = Partial<ClientCertificate> & Pick<ConnectionOptions, "servername" | "host" | "rejectUnauthorized">;

/** Speaks TLS over a stream. */
export type Secure = (socket: Duplex) => TLSSocket;

/**
 * TLS to the servers of one machine. What costs most of a connection is done once: a certificate is read for all of them,
 * and a server that knows us from a connection before neither shows its certificate nor asks for ours again.
 */
export class TlsClient {
  readonly #contexts = new Map<string, SecureContext>();
  readonly #sessions = new Map<string, Buffer>();

  to(server: string, tls: Tls): Secure {
    const { ca, cert, key, ...verified } = tls;
    const identity = identityOf(tls);
    const session = JSON.stringify([identity, server, verified]);
    return (socket) => {
      const known = this.#contexts.get(identity);
      const secureContext = known ?? createSecureContext({ ca, cert, key, minVersion: "TLSv1.2" });
      this.#contexts.set(identity, secureContext);
      const secure = connect({ ...verified, socket, secureContext, session: this.#sessions.get(session) });
      secure.on("session", (ticket) => this.#sessions.set(session, ticket));
      return secure;
    };
  }
}

/** A certificate says whose the key is that belongs to it, so no key is needed to tell clients apart. */
export const identityOf = ({ ca, cert }: Partial<ClientCertificate>): string => JSON.stringify([ca, cert]);
