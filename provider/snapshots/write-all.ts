import type { FileHandle } from "node:fs/promises";

/** Writes all of it, where one call may write a part: at a position, or where the last call ended. */
export async function writeAll(file: FileHandle, data: Buffer, position?: number): Promise<void> {
  for (let from = 0; from < data.length; ) {
    const at = position === undefined ? null : position + from;
    const { bytesWritten } = await file.write(data, from, data.length - from, at);
    from += bytesWritten;
  }
}
