import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Duplex } from "node:stream";

import type { TlsFiles } from "./certificates.ts";
import { EtcdError, failedPrecondition, type MemberRecord, unavailable } from "./etcd-cluster.ts";
import { type EtcdMember, freshRecord } from "./etcd-member.ts";
import { type Answer, exchange } from "./exchange.ts";
import { hash64 } from "./hash64.ts";
import { bodyOf, HttpRefusal, parseJson } from "./http.ts";
import { takeSnapshot } from "./snapshot.ts";

type Verb = (member: EtcdMember, body: Body) => Promise<object> | object;

interface Body {
  readonly ID?: string;
  readonly linearizable?: boolean;
  readonly peerURLs?: readonly string[];
  readonly isLearner?: boolean;
  readonly targetID?: string;
  readonly key?: string;
  readonly range_end?: string;
  readonly value?: string;
  readonly serializable?: boolean;
  readonly count_only?: boolean;
}

/** etcd's JSON gateway and `/health` over TLS with the member's own certificates; client certificates must be of its CA. */
export function etcdApi(member: EtcdMember, { ca, cert, key }: TlsFiles, isClientAsked: boolean): (s: Duplex) => void {
  const tls = { ca, cert, key, requestCert: isClientAsked, rejectUnauthorized: isClientAsked };
  const server = createServer(tls, (request, response) => void serve(member, request, response));
  server.on("tlsClientError", (error) => {
    member.process.log(`{"level":"warn","msg":"rejected connection","error":${JSON.stringify(error.message)}}`);
  });
  server.keepAliveTimeout = 0;
  return (socket) => void server.emit("connection", socket);
}

const mutatingVerbs =
  /^\/v3\/(cluster\/member\/(add|remove|promote|update)|kv\/(put|deleterange)|maintenance\/(defrag|transfer))/;

async function serve(member: EtcdMember, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "GET", url = "/" } = request;
  const path = url.split("?")[0] ?? url;
  const { machine } = member.process;
  const what = `${method} ${path}`;
  const mutating = mutatingVerbs.test(path);
  await exchange({ machine, layer: "etcd", what, mutating, request, response }, async (): Promise<Answer> => {
    if (path === "/health") return health(member);
    if (path === "/version") {
      return { status: 200, body: { etcdserver: member.options.version, etcdcluster: "3.5.0" } };
    }
    const verb = method === "POST" ? verbs[path] : undefined;
    if (verb === undefined)
      throw new HttpRefusal(404, "Not Found", { error: "Not Found", code: 5, message: "Not Found" });
    try {
      const body = parseJson<Body>(await bodyOf(request));
      if (path === "/v3/maintenance/snapshot") return streamSnapshot(member, response);
      const answer = await verb(member, body);
      return { status: 200, body: { header: header(member), ...answer } };
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      const { code, message } = error;
      const status = { 5: 404, [failedPrecondition]: 400, [unavailable]: 503 }[code] ?? 500;
      throw new HttpRefusal(status, message, { error: message, code, message });
    }
  });
}

async function health(member: EtcdMember): Promise<Answer> {
  const sick = (reason: string): Answer => ({ status: 503, body: { health: "false", reason } });
  if (member.cluster.leaderOf(member) === undefined) return sick("RAFT NO LEADER");
  if (member.record?.isLearner !== false) return sick("QGET ERROR:etcdserver: rpc not supported for learner");
  return { status: 200, body: { health: "true", reason: "" } };
}

const verbs: Readonly<Record<string, Verb>> = {
  "/v3/cluster/member/list": async (member, { linearizable }) => {
    if (linearizable === true) await agreed(member);
    return { members: shownMembers(member) };
  },
  "/v3/cluster/member/add": async (member, { peerURLs = [], isLearner = false }) => {
    member.cluster.refuseUnhealthy();
    await agreed(member);
    const { cluster } = member;
    const record = { ...freshRecord(hash64(`${peerURLs.join()} ${cluster.index} ${Date.now()}`), peerURLs), isLearner };
    cluster.add(record, { isLearner });
    journal(member, "member added", `${peerURLs.join()}${isLearner ? " (learner)" : ""}`);
    return { member: shown(record), members: shownMembers(member) };
  },
  "/v3/cluster/member/promote": async (member, { ID = "0" }) => {
    await agreed(member);
    const record = member.cluster.promote(BigInt(ID));
    journal(member, "member promoted", record.name);
    return { members: shownMembers(member) };
  },
  "/v3/cluster/member/remove": async (member, { ID = "0" }) => {
    await agreed(member);
    const record = member.cluster.remove(BigInt(ID), member);
    journal(member, "member removed", record.name || record.peerURLs.join());
    return { members: shownMembers(member) };
  },
  "/v3/cluster/member/update": async (member, { ID = "0", peerURLs = [] }) => {
    await agreed(member);
    const record = member.cluster.members.get(BigInt(ID));
    if (record === undefined) throw new EtcdError(5, "etcdserver: member not found");
    record.peerURLs = peerURLs;
    return { members: shownMembers(member) };
  },
  "/v3/maintenance/status": (member) => status(member),
  "/v3/maintenance/alarm": () => ({}),
  "/v3/maintenance/defragment": () => ({}),
  "/v3/maintenance/snapshot": () => ({}),
  "/v3/maintenance/transfer-leadership": (member, { targetID = "0" }) => {
    if (member.cluster.leaderOf(member) !== member) throw new EtcdError(failedPrecondition, "etcdserver: not leader");
    if (!member.cluster.transferLeadership(BigInt(targetID))) {
      throw new EtcdError(failedPrecondition, "etcdserver: bad leader transferee");
    }
    return {};
  },
  "/v3/kv/range": async (member, { key = "", range_end, serializable, count_only }) => {
    refuseLearner(member);
    if (serializable !== true) await agreed(member);
    const [from, to] = [decoded(key), range_end === undefined ? undefined : decoded(range_end)];
    const inRange = (name: string): boolean =>
      to === undefined ? name === from : name >= from && (to === "\0" || name < to);
    const found = [...member.cluster.store].filter(([name]) => inRange(name)).sort(([a], [b]) => (a < b ? -1 : 1));
    const kvs = found.map(([name, { value, createRevision, modRevision }]) => ({
      key: encoded(name),
      value: encoded(typeof value === "string" ? value : JSON.stringify(value)),
      create_revision: String(createRevision),
      mod_revision: String(modRevision),
    }));
    return {
      ...(count_only !== true && kvs.length > 0 && { kvs }),
      ...(kvs.length > 0 && { count: String(kvs.length) }),
    };
  },
  "/v3/kv/put": async (member, { key = "", value = "" }) => {
    refuseLearner(member);
    await agreed(member);
    member.cluster.put(decoded(key), decoded(value));
    return {};
  },
  "/v3/kv/deleterange": async (member, { key = "" }) => {
    refuseLearner(member);
    await agreed(member);
    return member.cluster.delete(decoded(key)) ? { deleted: "1" } : {};
  },
};

/** Waits as long as etcd does for a majority; without one, the request times out. */
export async function agreed(member: EtcdMember): Promise<void> {
  if (member.cluster.leaderOf(member) !== undefined) return;
  const { pace } = member.process.machine.world;
  await new Promise((resolve) => setTimeout(resolve, pace.etcdRequestMs));
  if (member.cluster.leaderOf(member) !== undefined) return;
  throw new EtcdError(unavailable, "etcdserver: request timed out");
}

function refuseLearner(member: EtcdMember): void {
  if (member.record?.isLearner === true) throw new EtcdError(unavailable, "etcdserver: rpc not supported for learner");
}

function status(member: EtcdMember): object {
  const { cluster, record, appliedIndex, options } = member;
  const leader = cluster.leaderOf(member);
  const dbSize = String(20_480 + cluster.store.size * 1024);
  return {
    version: options.version,
    dbSize,
    dbSizeInUse: dbSize,
    ...(leader !== undefined && { leader: String(leader.id) }),
    raftIndex: String(cluster.index),
    raftTerm: String(cluster.term),
    raftAppliedIndex: String(appliedIndex),
    ...(leader === undefined && { errors: ["etcdserver: no leader"] }),
    ...(record?.isLearner === true && { isLearner: true }),
  };
}

/** Each message of the stream is a JSON object of its own, as the gateway writes server streams. */
function streamSnapshot(member: EtcdMember, response: ServerResponse): Answer {
  const content = takeSnapshot(member.cluster);
  const result = { header: header(member), remaining_bytes: "0", blob: content.toString("base64") };
  response.writeHead(200, { "content-type": "application/json" }).end(`${JSON.stringify({ result })}\n`);
  return "streamed";
}

const header = ({ cluster, id }: EtcdMember): object => ({
  cluster_id: String(cluster.id),
  member_id: String(id),
  revision: String(cluster.revision),
  raft_term: String(cluster.term),
});

const shownMembers = ({ cluster }: EtcdMember): readonly object[] => [...cluster.members.values()].map(shown);

/** The gateway leaves out what is empty, zero or false. */
const shown = ({ id, name, peerURLs, clientURLs, isLearner }: MemberRecord): object => ({
  ID: String(id),
  ...(name !== "" && { name }),
  peerURLs,
  ...(clientURLs.length > 0 && { clientURLs }),
  ...(isLearner && { isLearner }),
});

function journal(
  { process: { machine } }: EtcdMember,
  kind: "member added" | "member promoted" | "member removed",
  what: string,
): void {
  machine.world.journal.record({ node: machine.name, kind, what });
}

const decoded = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");
const encoded = (text: string): string => Buffer.from(text).toString("base64");
