import { X509Certificate } from "node:crypto";

import { contentDigest } from "../desired/content-digest.ts";
import { unpacked } from "../hosts/archive.ts";
import type { Docker } from "../hosts/docker.ts";
import { readAll } from "../hosts/http.ts";
import { containersWithFiles } from "../steps/cluster-containers.ts";
import { type FilesMarker, markerPath, parseMarker } from "../steps/files-marker.ts";
import { parseRestoreMarker, type RestoreMarker, restoreMarkerPath } from "../steps/restore-marker.ts";
import type { ListedContainer } from "./containers.ts";
import type { FileFact } from "./facts.ts";
import type { Probe } from "./probe.ts";

interface Sources {
  readonly listed: readonly ListedContainer[];
  readonly probing: Promise<Probe>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks at /etc/kubernetes through a container that has it bound, running or not. The contents, keys among them, are
 * digested and forgotten. On a machine without such a container only what anybody may read is seen.
 */
export async function lookAtFiles(docker: Docker, { listed, probing, signal }: Sources): Promise<SeenFiles> {
  const names = new Set(listed.map(({ fact }) => fact.name));
  for (const name of containersWithFiles.filter((candidate) => names.has(candidate))) {
    const archive = await docker.getArchive(name, "/etc/kubernetes", { signal });
    if (archive !== undefined) return filesIn(await readAll(archive));
  }
  const probe = await probing;
  return { files: readableFiles(probe), restore: parseRestoreMarker(probe.restoreMarker) };
}

interface SeenFiles {
  readonly files: FileFact[];
  readonly restore: RestoreMarker | undefined;
}

function filesIn(archive: Buffer): SeenFiles {
  const files = unpacked(archive).map(({ name, mode, uid, gid, content }) => ({
    path: `/etc/${name}`,
    mode,
    ...((uid !== 0 || gid !== 0) && { owner: { uid, gid } }),
    text: content.toString("utf8"),
  }));
  const textOf = (wanted: string) => files.find(({ path }) => path === wanted)?.text;
  const marker = parseMarker(textOf(markerPath) ?? "{}");
  const notes = [markerPath, restoreMarkerPath, `${restoreMarkerPath}.part`];
  return {
    files: files.filter(({ path }) => !notes.includes(path)).map((file) => fileFact(file, marker)),
    restore: parseRestoreMarker(textOf(restoreMarkerPath)),
  };
}

const caPath = "/etc/kubernetes/ssl/kube-ca.pem";

/** The CA says whose the rest is. Where it may not be read, our own note of what we wrote is believed. */
function readableFiles({ ca, caMode, marker: markerText }: Probe): FileFact[] {
  const marker = parseMarker(markerText ?? "{}");
  if (caMode === undefined || Number.isNaN(caMode)) return [];
  if (ca !== undefined) return [fileFact({ path: caPath, mode: caMode, text: ca }, marker)];
  const noted = marker[caPath];
  return noted === undefined ? [] : [{ path: caPath, mode: caMode, ...noted }];
}

function fileFact(
  { text, ...seen }: Pick<FileFact, "path" | "mode" | "owner"> & { readonly text: string },
  marker: FilesMarker,
): FileFact {
  const { path } = seen;
  const sha256 = contentDigest(text);
  const notAfter = path.endsWith(".pem") ? knownExpiry(text, sha256) : undefined;
  const noted = marker[path];
  return {
    ...seen,
    sha256,
    ...(notAfter !== undefined && { notAfter }),
    // What somebody else has written since is not ours, whatever we noted.
    ...(noted?.sha256 === sha256 && { writtenAtMs: noted.writtenAtMs }),
  };
}

/** By digest: most certificates are the same on every machine, and to read one takes longer than to digest it. */
const expiries = new Map<string, string | undefined>();

function knownExpiry(pem: string, sha256: string): string | undefined {
  if (!expiries.has(sha256)) expiries.set(sha256, expiryOf(pem));
  return expiries.get(sha256);
}

/** When the first certificate of a text ends; undefined where there is none, or none that can be read. */
function expiryOf(pem: string): string | undefined {
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) return undefined;
  try {
    return new Date(new X509Certificate(pem).validTo).toISOString();
  } catch {
    return undefined;
  }
}
