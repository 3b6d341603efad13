import { z } from "zod";

/** The file that notes what we wrote and when, beside the certificates. */
export const markerPath = "/etc/kubernetes/ssl/.pulumi-rke.json";

const markerSchema = z.record(z.string(), z.object({ sha256: z.string(), writtenAtMs: z.number() }));

/** By path (without prefix). An entry counts only while the file has this digest. */
export type FilesMarker = z.output<typeof markerSchema>;

/** Reads a marker; one that is damaged says nothing, and is written anew with the next file. */
export function parseMarker(text: string): FilesMarker {
  try {
    return markerSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

export function printMarker(marker: FilesMarker): string {
  const sorted = Object.entries(marker).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), undefined, 1)}\n`;
}
