import type { Duplex } from "node:stream";
import type { Client } from "ssh2";

import type { RkeError } from "../errors.ts";
import {
  type Attempt,
  authenticationRefused,
  closedEarly,
  handshakeTimeout,
  noCommonAlgorithm,
  notSsh,
} from "./connect-errors.ts";
import type { HostKey } from "./connection.ts";

/** What was seen of a handshake, for the error that ssh2's own does not tell. */
export interface Handshake {
  greeted: boolean;
  /** What the server said first, when it was not SSH. */
  firstWords: string | undefined;
  hostKey: HostKey | undefined;
  /** Set when the server has shown a key that is not the pinned one. */
  mismatch: RkeError | undefined;
}

/** What was offered to prove who the user is, and what the server would take. */
export interface LoginRecord {
  readonly offered: string[];
  accepted: readonly string[];
  /** The error to show when nothing else was offered. */
  onlyFailure: RkeError | undefined;
}

/** ssh2 says at which level it failed. */
export type ClientError = Error & { readonly level?: string };

/** Watches a connection from before its first byte. */
export function watchHandshake(client: Client, socket: Duplex): Handshake {
  const handshake: Handshake = { greeted: false, firstWords: undefined, hostKey: undefined, mismatch: undefined };
  // Put in front by a method that does not start the stream before ssh2 listens.
  socket.prependOnceListener("data", (chunk: Buffer) => {
    const words =
      chunk
        .subarray(0, 60)
        .toString("latin1")
        .split(/[\r\n]/)[0] ?? "";
    handshake.greeted = words.startsWith("SSH-");
    if (!handshake.greeted) handshake.firstWords = words.replace(/[^\x20-\x7e]/g, "?");
  });
  client.once("handshake", () => {
    handshake.greeted = true;
  });
  return handshake;
}

/** Which layer failed: the greeting, the algorithms, the host key, the time or the login. */
export function handshakeError(
  attempt: Attempt,
  { error, handshake, login }: { error: ClientError; handshake: Handshake; login: LoginRecord },
): RkeError {
  if (handshake.mismatch !== undefined) return handshake.mismatch;
  if (error.level === "client-timeout") return handshakeTimeout(attempt, handshake);
  if (handshake.firstWords !== undefined && !handshake.greeted) return notSsh(attempt, handshake.firstWords);
  if (login.onlyFailure !== undefined && login.offered.length === 1) return login.onlyFailure;
  if (error.level === "client-authentication" || login.offered.length > 0) return authenticationRefused(attempt, login);
  if (error.level === "handshake") return noCommonAlgorithm(attempt, error);
  return closedEarly(attempt, error);
}
