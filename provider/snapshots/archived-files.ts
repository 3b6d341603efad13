import type { FileHandle } from "node:fs/promises";

import { wrongSize } from "./database-check.ts";
import { type SnapshotManifest, snapshotManifest } from "./manifest.ts";
import { BadZip, slices, type ZipEntry, zipContent, zipEntries } from "./zip-reader.ts";

/** Where the files of a snapshot lie in its zip: the first two where the tools of `rke` look for them. */
export const entryNames = (name: string) => ({
  database: `/backup/${name}`,
  plain: `/etc/kubernetes/${name}.rkestate`,
  encrypted: `/backup/${name}.rkestate.enc`,
  manifest: `/backup/${name}.manifest.json`,
});

/** What lies in a file that is a snapshot. Its content is read when it is asked for. */
export interface ArchivedFiles {
  readonly name: string;
  readonly manifest: SnapshotManifest | undefined;
  readonly database: { readonly bytes: number; chunks(): AsyncIterable<Buffer> };
  readonly state: { readonly form: "encrypted" | "plain"; content(): Promise<Buffer> } | undefined;
}

/** A database as `etcdctl snapshot save` leaves it. */
export async function plainDatabase(file: FileHandle, name: string): Promise<ArchivedFiles> {
  const { size } = await file.stat();
  refuseSize(size);
  const chunks = () => slices(file, { start: 0, end: size });
  return { name, manifest: undefined, database: { bytes: size, chunks }, state: undefined };
}

function refuseSize(bytes: number): void {
  const because = wrongSize(bytes);
  if (because !== undefined) throw new BadZip(because);
}

/** A zip of ours, or of the tools of `rke`. Its own name does not matter, unlike to those tools. */
export async function zippedFiles(file: FileHandle, wanted: string | undefined): Promise<ArchivedFiles> {
  // Info-ZIP leaves the first slash out when somebody packs the files again.
  const entries = new Map((await zipEntries(file)).map((entry) => [`/${entry.name.replace(/^\//, "")}`, entry]));
  const { name, database } = databaseIn(entries, wanted);
  refuseSize(database.bytes);
  const names = entryNames(name);
  const manifest = entries.get(names.manifest);
  return {
    name,
    manifest: manifest && parsedManifest(await smallContent(file, manifest), name),
    database: { bytes: database.bytes, chunks: () => zipContent(file, database) },
    state: stateIn(file, { encrypted: entries.get(names.encrypted), plain: entries.get(names.plain) }),
  };
}

type Entries = ReadonlyMap<string, ZipEntry>;

function databaseIn(entries: Entries, wanted: string | undefined): { name: string; database: ZipEntry } {
  const found = [...entries].flatMap(([path, database]) => {
    const name = /^\/backup\/([^/]+)$/.exec(path)?.[1] ?? "";
    return name === "" || /\.(manifest\.json|rkestate|rkestate\.enc)$/.test(name) ? [] : [{ name, database }];
  });
  const chosen = found.length === 1 ? found[0] : found.find(({ name }) => name === wanted);
  if (chosen !== undefined) return chosen;
  if (found.length === 0) throw new BadZip('it is a zip without a snapshot: there is no file in its folder "/backup"');
  throw new BadZip(`several snapshots are in it, and none is named: ${found.map(({ name }) => name).join(", ")}`);
}

function parsedManifest(content: Buffer, name: string): SnapshotManifest {
  let json: unknown;
  try {
    json = JSON.parse(content.toString("utf8"));
  } catch {
    throw new BadZip("its manifest is no JSON");
  }
  const parsed = snapshotManifest.safeParse(json);
  if (!parsed.success) throw new BadZip("its manifest is not as this version of pulumi-rke writes it");
  if (parsed.data.name !== name) throw new BadZip(`its manifest is that of another snapshot, "${parsed.data.name}"`);
  return parsed.data;
}

function stateIn(
  file: FileHandle,
  { encrypted, plain }: { readonly encrypted: ZipEntry | undefined; readonly plain: ZipEntry | undefined },
): ArchivedFiles["state"] {
  if (encrypted !== undefined) return { form: "encrypted", content: () => smallContent(file, encrypted) };
  return plain && { form: "plain", content: () => smallContent(file, plain) };
}

async function smallContent(file: FileHandle, entry: ZipEntry): Promise<Buffer> {
  if (entry.bytes > MOST_IN_MEMORY) throw new BadZip(`"${entry.name}" in it has ${entry.bytes} bytes, which cannot be`);
  const chunks: Buffer[] = [];
  for await (const chunk of zipContent(file, entry)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The state of a thousand nodes has a tenth of it. */
const MOST_IN_MEMORY = 64 * 1024 * 1024;
