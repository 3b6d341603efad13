/** What a container wrote, told apart. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Takes Docker's multiplexed stream apart: frames of a stream number, three zero bytes, a length and the bytes.
 * The output of a container with a terminal has no frames and is all standard output.
 */
export function demux(bytes: Buffer): Output {
  const parts: Record<1 | 2, Buffer[]> = { 1: [], 2: [] };
  let at = 0;
  while (at < bytes.length) {
    const header = bytes.subarray(at, at + HEADER);
    if (!isHeader(header)) return { stdout: bytes.toString("utf8"), stderr: "" };
    const end = at + HEADER + header.readUInt32BE(4);
    parts[header[0] === 2 ? 2 : 1].push(bytes.subarray(at + HEADER, end));
    at = end;
  }
  return { stdout: Buffer.concat(parts[1]).toString("utf8"), stderr: Buffer.concat(parts[2]).toString("utf8") };
}

const HEADER = 8;

function isHeader(bytes: Buffer): boolean {
  const [stream = 9, ...rest] = bytes;
  return bytes.length === HEADER && stream <= 2 && rest[0] === 0 && rest[1] === 0 && rest[2] === 0;
}
