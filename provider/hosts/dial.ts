import { connect, type Socket } from "node:net";

import { type Attempt, tcpError, tcpTimeout } from "./connect-errors.ts";

/** Opens a TCP connection to the machine of an attempt, in the time a handshake has. */
export async function dial(attempt: Attempt, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<Socket> {
  signal?.throwIfAborted();
  const tooLate = AbortSignal.timeout(attempt.handshakeTimeoutMs);
  const stop = signal === undefined ? tooLate : AbortSignal.any([signal, tooLate]);
  const socket = connect({ host: attempt.host, port: attempt.port, noDelay: true, keepAlive: true });
  return new Promise<Socket>((resolve, reject) => {
    const settle = (deed: () => void) => {
      stop.removeEventListener("abort", aborted);
      socket.removeAllListeners("error");
      deed();
    };
    const aborted = () =>
      settle(() => {
        socket.destroy();
        reject(signal?.aborted ? signal.reason : tcpTimeout(attempt));
      });
    stop.addEventListener("abort", aborted);
    socket.once("connect", () => settle(() => resolve(socket)));
    socket.once("error", (cause: NodeJS.ErrnoException) => settle(() => reject(tcpError(attempt, attemptOf(cause)))));
  });
}

/** A name with several addresses fails with a list of reasons; the last one is as good as any. */
function attemptOf(cause: NodeJS.ErrnoException): NodeJS.ErrnoException {
  if (!(cause instanceof AggregateError)) return cause;
  const last: unknown = cause.errors.at(-1);
  return last instanceof Error ? last : cause;
}
