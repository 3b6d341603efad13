import { MissingFile, readFiles, whyNotTrusted } from "../certificates.ts";
import { EtcdMember } from "../etcd-member.ts";
import { endpointOf } from "../network.ts";
import { flagsOf, type Process, program, runs } from "../programs.ts";
import { restoreSnapshot, takeSnapshot } from "../snapshot.ts";
import { unzipped, zipped } from "../zip.ts";
import { initialClusterOf } from "./etcd.ts";

class BackupRefusal extends Error {}

/** rke-tools' `rke-etcd-backup etcd-backup <sub>`: save, delete, download, serve, extractstatefile. */
const etcdBackup = program("rke-etcd-backup", runs("rke-etcd-backup"), (process) => {
  const sub = process.argv[2] ?? "";
  const run = subcommands[sub];
  if (run === undefined) {
    process.log(`No help topic for '${sub}'`);
    return 3;
  }
  try {
    return run(process, flagsOf(process.argv.slice(3)));
  } catch (error) {
    if (!(error instanceof BackupRefusal || error instanceof MissingFile)) throw error;
    process.log(`level=fatal msg="${error.message}"`);
    return 1;
  }
});

/** `etcdctl snapshot restore <file> --data-dir=… --name=… --initial-cluster=…`, with the words of the real flags. */
const etcdctlRestore = program(
  "etcdctl snapshot restore",
  (invocation) => runs("etcdctl")(invocation) && invocation.argv.join(" ").includes("snapshot restore"),
  (process) => {
    const flags = flagsOf(process.argv);
    const file = process.argv[process.argv.indexOf("restore") + 1] ?? "";
    const content = process.files.read(file);
    if (content === undefined) {
      process.log(`Error: open ${file}: no such file or directory`);
      return 1;
    }
    const dataDir = flags.get("data-dir") ?? "";
    if (process.files.list(dataDir).length > 0) {
      process.log(`Error: data-dir "${dataDir}" not empty or could not be read`);
      return 1;
    }
    try {
      restoreSnapshot(process, content, {
        name: flags.get("name") ?? "default",
        dataDir,
        initialCluster: initialClusterOf(flags.get("initial-cluster") ?? ""),
        token: flags.get("initial-cluster-token") ?? "etcd-cluster",
      });
    } catch (error) {
      process.log(`Error: ${error instanceof Error ? error.message : error}`);
      return 1;
    }
    return 0;
  },
);

/** The container whose script waits for the times of a schedule: longer than any test. */
const scheduled = program(
  "snapshots by a schedule",
  ({ argv }) => argv[0] === "sh" && argv[3] === "etcd-rolling-snapshots",
  () => undefined,
);

export const backupPrograms = [etcdBackup, etcdctlRestore, scheduled];

type Flags = ReadonlyMap<string, string>;

const subcommands: Readonly<Record<string, (process: Process, flags: Flags) => number | undefined>> = {
  save(process, flags) {
    if (flags.get("once") !== "true") {
      if ([flags.get("creation"), flags.get("retention")].some((period) => Number.parseInt(period ?? "1", 10) === 0)) {
        throw new BackupRefusal("creation and retention need to be greater than zero");
      }
      return undefined; // The first rolling snapshot comes after a full period: longer than any test.
    }
    const name = nameOf(flags);
    const state = process.files.read(statePath(name));
    const database = takeSnapshot(memberAt(process, flags).cluster);
    // The tools store absolute paths, and find them again only under these.
    const entries = [
      [`/backup/${name}`, database] as const,
      ...(state === undefined ? [] : [[statePath(name), state] as const]),
    ];
    const archive = zipped(new Map(entries));
    process.files.write(`/backup/${name}.zip`, archive, 0o600);
    if (flags.get("s3-backup") === "true") process.machine.world.objectStore.set(s3Key(flags, name), archive);
    process.log(`level=info msg="Successfully saved snapshot ${name}"`);
    return 0;
  },
  delete(process, flags) {
    const name = nameOf(flags);
    const { files, machine } = process;
    files.remove(`/backup/${name}`);
    if (flags.get("cleanup") === "true") return 0;
    files.remove(`/backup/${name}.zip`);
    if (flags.get("s3-backup") === "true") machine.world.objectStore.delete(s3Key(flags, name));
    return 0;
  },
  download(process, flags) {
    const name = nameOf(flags);
    const archive =
      flags.get("s3-backup") === "true"
        ? process.machine.world.objectStore.get(s3Key(flags, name))
        : servedBy(process, flags.get("local-endpoint") ?? "", name);
    if (archive === undefined) throw new BackupRefusal(`failed to download snapshot ${name}: not found`);
    process.files.write(`/backup/${name}.zip`, archive, 0o600);
    process.files.write(`/backup/${name}`, databaseIn(archive, name), 0o600);
    return 0;
  },
  serve(process, flags) {
    const name = nameOf(flags);
    const archive = process.files.read(`/backup/${name}.zip`);
    if (archive === undefined) throw new BackupRefusal(`snapshot ${name} does not exist`);
    readFiles(process, { ca: flags.get("cacert") ?? "", cert: flags.get("cert") ?? "", key: flags.get("key") ?? "" });
    process.files.write(`/backup/${name}`, databaseIn(archive, name), 0o600);
    const service: Served = { kind: "snapshots", content: new Map([[name, archive]]) };
    process.listen(2379, { accept: (socket) => socket.destroy(), service: () => service });
    return undefined;
  },
  extractstatefile(process, flags) {
    const name = nameOf(flags);
    const archive = process.files.read(`/backup/${name}.zip`);
    const state = archive === undefined ? undefined : unzipped(archive).get(statePath(name));
    if (state === undefined) throw new BackupRefusal(`no state file in snapshot ${name}`);
    process.files.write("/tmp/cluster.rkestate", state);
    return 0;
  },
};

interface Served {
  readonly kind: "snapshots";
  readonly content: ReadonlyMap<string, Buffer>;
}

function servedBy({ machine }: Process, host: string, name: string): Buffer | undefined {
  const dialled = machine.world.network.dial(machine, host, 2379);
  const service = typeof dialled === "string" ? undefined : (dialled.service?.() as Partial<Served> | undefined);
  return service?.kind === "snapshots" ? service.content?.get(name) : undefined;
}

/** The etcd member behind `--endpoints`, when it would take this client and has a majority behind it. */
export function memberAt(process: Process, flags: Flags): EtcdMember {
  const { machine } = process;
  const own = readFiles(process, {
    ca: flags.get("cacert") ?? "",
    cert: flags.get("cert") ?? "",
    key: flags.get("key") ?? "",
  });
  const { host, port } = endpointOf(`https://${(flags.get("endpoints") ?? "127.0.0.1:2379").replace("https://", "")}`);
  const dialled = machine.world.network.dial(machine, host, port);
  const member = typeof dialled === "string" ? undefined : dialled.service?.();
  const isGood =
    member instanceof EtcdMember &&
    member.record?.isLearner === false &&
    member.cluster.leaderOf(member) !== undefined &&
    whyNotTrusted(own.cert, member.options.peerTls.ca, { now: machine.now() }) === undefined;
  if (!isGood) throw new BackupRefusal(`Failed to take etcd snapshot: https://${host}:${port} is unhealthy`);
  return member;
}

function nameOf(flags: Flags): string {
  const name = flags.get("name");
  if (name === undefined) throw new BackupRefusal("snapshot name is required");
  return name;
}

const statePath = (name: string): string => `/etc/kubernetes/${name}.rkestate`;

function databaseIn(archive: Buffer, name: string): Buffer {
  const database = unzipped(archive).get(`/backup/${name}`);
  if (database === undefined) throw new BackupRefusal(`there is no ${name} in the archive`);
  return database;
}

const s3Key = (flags: Flags, name: string): string =>
  [flags.get("s3-bucketName"), flags.get("s3-folder"), `${name}.zip`].filter(Boolean).join("/");
