import { MissingFile, readFiles } from "../certificates.ts";
import { etcdApi } from "../etcd-api.ts";
import { EtcdMember, line, type MemberOptions, StartRefusal } from "../etcd-member.ts";
import { endpointOf } from "../network.ts";
import { flagsOf, type Process, program, runs } from "../programs.ts";

/** etcd 3.4 and 3.5 as RKE runs it. */
export const etcd = program("etcd", runs("etcd"), (process) => {
  const flags = flagsOf(process.argv);
  const unknown = [...flags.keys()].find((flag) => !knownFlags.has(flag) && !flag.startsWith("experimental-"));
  if (unknown !== undefined) {
    process.log(
      `{"level":"fatal","msg":"failed to verify flags","error":"flag provided but not defined: -${unknown}"}`,
    );
    return 2;
  }
  try {
    start(process, flags);
  } catch (error) {
    if (!(error instanceof MissingFile || error instanceof StartRefusal)) throw error;
    process.log(line("fatal", "discovery failed", error.message));
    if (error.message.includes("permanently removed")) {
      process.log(line("warn", "data-dir used by this member must be removed"));
    }
    return 1;
  }
  return undefined;
});

function start(process: Process, flags: ReadonlyMap<string, string>): void {
  const flag = (name: string, otherwise = ""): string => flags.get(name) ?? otherwise;
  const tls = readFiles(process, {
    ca: flag("trusted-ca-file"),
    cert: flag("cert-file"),
    key: flag("key-file"),
  });
  const peerTls = readFiles(process, {
    ca: flag("peer-trusted-ca-file"),
    cert: flag("peer-cert-file"),
    key: flag("peer-key-file"),
  });
  const options: MemberOptions = {
    name: flag("name", "default"),
    dataDir: flag("data-dir", `${flag("name", "default")}.etcd`),
    peerURLs: flag("initial-advertise-peer-urls").split(","),
    clientURLs: flag("advertise-client-urls").split(","),
    listensOn: { client: portOf(flag("listen-client-urls"), 2379), peer: portOf(flag("listen-peer-urls"), 2380) },
    initialCluster: initialClusterOf(flag("initial-cluster")),
    initialState: flag("initial-cluster-state") === "existing" ? "existing" : "new",
    token: flag("initial-cluster-token", "etcd-cluster"),
    forceNewCluster: flag("force-new-cluster") === "true",
    version: /:v?(\d+\.\d+\.\d+)/.exec(process.image)?.[1] ?? "3.5.16",
    peerTls,
  };
  let member: EtcdMember | undefined;
  let accept: ReturnType<typeof etcdApi> | undefined;
  process.listen(options.listensOn.peer, { accept: (socket) => socket.destroy(), service: () => member });
  const { host } = endpointOf(flag("listen-client-urls", "https://0.0.0.0:2379").split(",")[0] ?? "");
  process.listen(options.listensOn.client, {
    ...(host !== "0.0.0.0" && { boundTo: host }),
    service: () => member,
    accept: (socket) => {
      if (member === undefined) {
        socket.destroy();
        return;
      }
      accept ??= etcdApi(member, tls, flag("client-cert-auth") === "true");
      accept(socket);
    },
  });
  member = new EtcdMember(process, options);
  process.log(line("info", "ready to serve client requests"));
}

/** `a=https://1:2380,b=https://2:2380`; a name may come several times, once for each of its addresses. */
export function initialClusterOf(text: string): ReadonlyMap<string, readonly string[]> {
  const members = new Map<string, readonly string[]>();
  for (const part of text.split(",").filter(Boolean)) {
    const [name = "", url = ""] = part.split("=", 2);
    members.set(name, [...(members.get(name) ?? []), url]);
  }
  return members;
}

const portOf = (urls: string, otherwise: number): number => Number(/:(\d+)(?:,|$)/.exec(urls)?.[1] ?? otherwise);

const knownFlags = new Set(
  (
    "name data-dir wal-dir listen-client-urls listen-peer-urls advertise-client-urls initial-advertise-peer-urls " +
    "initial-cluster initial-cluster-state initial-cluster-token trusted-ca-file peer-trusted-ca-file cert-file " +
    "key-file peer-cert-file peer-key-file client-cert-auth peer-client-cert-auth cipher-suites election-timeout " +
    "heartbeat-interval enable-v2 force-new-cluster quota-backend-bytes auto-compaction-mode auto-compaction-retention " +
    "snapshot-count max-snapshots max-wals max-request-bytes strict-reconfig-check listen-metrics-urls metrics log-level " +
    "logger log-outputs enable-pprof pre-vote tls-min-version tls-max-version auto-tls peer-auto-tls grpc-keepalive-min-time"
  ).split(" "),
);
