import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** Counts how often the other side speaks after it was spoken to. */
export function countTurns(socket: Socket, counts: { turns: number }): void {
  const write = socket.write;
  let spokenTo = false;
  socket.write = ((...args: Parameters<typeof write>) => {
    spokenTo = true;
    return write.apply(socket, args);
  }) as typeof write;
  socket.prependListener("data", () => {
    if (spokenTo) counts.turns++;
    spokenTo = false;
  });
}

/** The same socket, farther away: what it receives arrives later, in order. */
export function farther(socket: Socket, faults: { readonly latencyMs: number }): Duplex {
  const far = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  const later = (deed: () => void) => setTimeout(deed, faults.latencyMs).unref();
  socket.on("data", (chunk: Buffer) => later(() => far.destroyed || far.push(chunk)));
  socket.on("end", () => later(() => far.destroyed || far.push(null)));
  socket.on("close", () => later(() => far.destroy()));
  return Object.assign(far, { remoteAddress: socket.remoteAddress, remotePort: socket.remotePort });
}
