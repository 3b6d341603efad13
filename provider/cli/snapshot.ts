import { RkeError } from "../errors.ts";
import { Secret } from "../secrets.ts";
import { openArchive, type SnapshotArchive } from "../snapshots/archive.ts";
import { fileError } from "../snapshots/storage-errors.ts";
import type { ExitCode, Io } from "./io.ts";
import { readText } from "./read-text.ts";
import type { Values } from "./run.ts";

/** `pulumi-rke snapshot`: reads a snapshot to its end, says what it is, and hands out the state that lies in it. */
export async function snapshot(file: string, values: Values, io: Io): Promise<ExitCode> {
  const { "passphrase-file": passphraseFile, state: target } = values;
  const passphrase = passphraseFile === undefined ? undefined : passphraseIn(passphraseFile, io);
  const archive = await openArchive(file);
  try {
    const { sha256 } = await archive.verify();
    const isAsked = target !== undefined || passphrase !== undefined;
    const state = isAsked ? await archive.state(passphrase) : undefined;
    if (target !== undefined) writeState(target, { file, state, io });
    io.out(`${file} is a whole snapshot of etcd\n\n${described(archive, { sha256, isOpen: state !== undefined })}`);
    return 0;
  } finally {
    await archive.close();
  }
}

/** Editors end a file with a line break that nobody has typed. */
const passphraseIn = (file: string, io: Io): Secret<string> => new Secret(readText(file, io).replace(/\r?\n$/, ""));

function writeState(
  target: string,
  { file, state, io }: { readonly file: string; readonly state: Secret<string> | undefined; readonly io: Io },
): void {
  const doing = `write the state of the cluster to "${target}"`;
  if (state === undefined) throw new RkeError("config", { doing, because: `there is none in "${file}"` });
  try {
    io.write(target, state.unwrap());
  } catch (error) {
    throw fileError(doing, error);
  }
}

function described(
  { name, manifest, databaseBytes, stateForm }: SnapshotArchive,
  { sha256, isOpen }: { readonly sha256: string; readonly isOpen: boolean },
): string {
  const rows: readonly (readonly [string, string])[] = [
    ["Name", name],
    ...(manifest === undefined
      ? [["Manifest", "none: rke or etcdctl has written it"] as const]
      : ([
          ["Taken at", manifest.takenAt],
          ["Cluster", `${manifest.clusterName}, ${manifest.clusterId}`],
          ["Kubernetes", manifest.kubernetesVersion],
          ["etcd", `${manifest.etcdVersion}, revision ${manifest.revision}, ${manifest.totalKeys} keys`],
        ] as const)),
    ["Database", `${databaseBytes} bytes, sha256 ${sha256}`],
    ["State", stateForm === "encrypted" && isOpen ? "encrypted, and this passphrase opens it" : states[stateForm]],
  ];
  return rows.map(([label, text]) => `${label.padEnd(WIDTH)}${text}\n`).join("");
}

const WIDTH = "Kubernetes  ".length;

const states: Readonly<Record<SnapshotArchive["stateForm"], string>> = {
  encrypted: "encrypted: --passphrase-file opens it",
  plain: "in clear: certificates, keys and configuration",
  none: "none: the identity of the cluster is needed to restore it",
};
