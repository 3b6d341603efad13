import { createHash } from "node:crypto";

/** What a database was that passed by. */
export interface SeenDatabase {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Follows a database as it passes by, and says at its end whether it is the whole of what etcd wrote: pages, and behind them
 * the checksum of all of them.
 */
export class DatabaseCheck {
  readonly #pages = createHash("sha256");
  /** The last bytes seen so far: at the end they are the checksum. */
  #tail: Buffer = Buffer.alloc(0);
  #sizeBytes = 0;

  see(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    const seen = Buffer.concat([this.#tail, chunk.subarray(-CHECKSUM)]);
    if (chunk.length > CHECKSUM) {
      this.#pages.update(this.#tail).update(chunk.subarray(0, -CHECKSUM));
      this.#tail = chunk.subarray(-CHECKSUM);
    } else {
      this.#pages.update(seen.subarray(0, -CHECKSUM));
      this.#tail = seen.subarray(-CHECKSUM);
    }
  }

  /** The database, or what is wrong with it as it reads after "because". */
  finish(): SeenDatabase | string {
    const because = wrongSize(this.#sizeBytes);
    if (because !== undefined) return because;
    if (!this.#pages.copy().digest().equals(this.#tail)) {
      return "the database in it has changed since etcd wrote it: etcd's checksum at its end is another one";
    }
    return { sizeBytes: this.#sizeBytes, sha256: this.#pages.update(this.#tail).digest("hex") };
  }
}

/** Says why a number of bytes is no snapshot of etcd, without looking at them. */
export function wrongSize(sizeBytes: number): string | undefined {
  if (sizeBytes > CHECKSUM && sizeBytes % PAGE === CHECKSUM) return undefined;
  if (sizeBytes > 0 && sizeBytes % PAGE === 0) {
    return "etcd's checksum is missing at its end: it is a copied data file, not what etcdctl snapshot save writes";
  }
  return `it is no whole snapshot of etcd: ${sizeBytes} bytes are no number of pages with a checksum behind them`;
}

/** Of the disk, as etcd counts: its own pages are a multiple of it. */
const PAGE = 512;
const CHECKSUM = 32;
