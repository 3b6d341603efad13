import type { FileHandle } from "node:fs/promises";

/** Writes all of it, where one call may write a part. */
export async function writeAll(file: FileHandle, data: Buffer): Promise<void> {
  for (let from = 0; from < data.length; ) {
    const { bytesWritten } = await file.write(data, from);
    from += bytesWritten;
  }
}
