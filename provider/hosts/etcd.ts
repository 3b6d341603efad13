import { RkeError } from "../errors.ts";
import { type HttpAnswer, type HttpRequest, jsonObject, sendTo } from "./http.ts";
import type { Tunnel } from "./tunnel.ts";

export interface EtcdCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** One member. Its id is a decimal number of 64 bits, kept as text because JavaScript's numbers are too short for it. */
export interface EtcdMember {
  readonly id: string;
  /** Empty until the member has started for the first time. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

export interface EtcdStatus {
  readonly clusterId: string;
  readonly memberId: string;
  readonly version: string;
  /** Undefined while there is no leader. */
  readonly leaderId: string | undefined;
  readonly dbSizeBytes: number;
  readonly raftTerm: string;
  readonly raftIndex: string;
  readonly raftAppliedIndex: string;
  readonly isLearner: boolean;
  /** Alarms and the lack of a leader, in etcd's words. */
  readonly errors: readonly string[];
}

export interface EtcdHealth {
  readonly healthy: boolean;
  readonly reason: string;
}

export interface EtcdOptions {
  readonly machine: string;
  /** Where the JSON gateway is: `/v3` from etcd 3.4 on, `/v3beta` in 3.3, `/v3alpha` in 3.2. */
  readonly apiPrefix?: string | undefined;
}

/** The calls to one etcd member that we use, through its JSON gateway. */
export class Etcd {
  readonly #tunnel: Tunnel;
  readonly #node: string;
  readonly #prefix: string;

  constructor(tunnel: Tunnel, { machine, apiPrefix = "/v3" }: EtcdOptions) {
    this.#tunnel = tunnel;
    this.#node = machine;
    this.#prefix = apiPrefix;
  }

  /** Whether this member can serve: it has started, and knows a leader. */
  async health({ signal }: EtcdCallOptions = {}): Promise<EtcdHealth> {
    const sent = await this.#send("ask etcd for its health", { method: "GET", path: "/health", signal });
    const { health, reason } = jsonObject(sent.body) ?? {};
    const why = typeof reason === "string" && reason !== "" ? reason : sent.body.trim();
    return { healthy: sent.status === 200 && String(health) === "true", reason: why };
  }

  async status(options: EtcdCallOptions = {}): Promise<EtcdStatus> {
    const said = await this.#call<StatusAnswer>("read the state of etcd", "/maintenance/status", {}, options);
    return {
      clusterId: said.header?.cluster_id ?? "0",
      memberId: said.header?.member_id ?? "0",
      version: said.version ?? "",
      leaderId: said.leader === undefined || said.leader === "0" ? undefined : said.leader,
      dbSizeBytes: Number(said.dbSize ?? 0),
      raftTerm: said.raftTerm ?? "0",
      raftIndex: said.raftIndex ?? "0",
      raftAppliedIndex: said.raftAppliedIndex ?? "0",
      isLearner: said.isLearner ?? false,
      errors: said.errors ?? [],
    };
  }

  async members(options: EtcdCallOptions = {}): Promise<readonly EtcdMember[]> {
    const said = await this.#call<MembersAnswer>("list the members of etcd", "/cluster/member/list", {}, options);
    return (said.members ?? []).map(memberOf);
  }

  /** Adds a member that receives everything and does not vote, so that it cannot cost the quorum. */
  async addLearner(peerUrl: string, options: EtcdCallOptions = {}): Promise<EtcdMember> {
    const body = { peerURLs: [peerUrl], isLearner: true };
    const doing = `add ${peerUrl} to etcd`;
    const { member } = await this.#call<MemberAnswer>(doing, "/cluster/member/add", body, options);
    return memberOf(member ?? {});
  }

  /** Gives a learner its vote. "Not in sync" is an answer to wait on. */
  async promote(id: string, options: EtcdCallOptions = {}): Promise<"promoted" | "not in sync"> {
    const doing = `give the etcd member ${hexId(id)} its vote`;
    const sent = await this.#post(doing, "/cluster/member/promote", { ID: id }, options);
    if (sent.status < 300) return "promoted";
    const said = messageOf(sent);
    if (said.includes("in sync with leader")) return "not in sync";
    if (said.includes("can only promote a learner member")) return "promoted";
    throw this.#refusal(doing, sent);
  }

  /** Lets another member lead. To be asked of the one that leads. */
  async transferLeadership(to: string, options: EtcdCallOptions = {}): Promise<void> {
    const doing = `let the etcd member ${hexId(to)} lead`;
    await this.#call<object>(doing, "/maintenance/transfer-leadership", { targetID: to }, options);
  }

  /** Takes a member out of the cluster; one that is not in it is no error. */
  async remove(id: string, options: EtcdCallOptions = {}): Promise<void> {
    const doing = `remove the member ${hexId(id)} from etcd`;
    const sent = await this.#post(doing, "/cluster/member/remove", { ID: id }, options);
    if (sent.status >= 300 && !messageOf(sent).includes("member not found")) throw this.#refusal(doing, sent);
  }

  async #call<T>(doing: string, path: string, body: object, options: EtcdCallOptions): Promise<T> {
    const sent = await this.#post(doing, path, body, options);
    if (sent.status >= 300) throw this.#refusal(doing, sent);
    return (jsonObject(sent.body) ?? {}) as T;
  }

  async #post(doing: string, path: string, body: object, { signal }: EtcdCallOptions): Promise<HttpAnswer> {
    return this.#send(doing, {
      method: "POST",
      path: `${this.#prefix}${path}`,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
  }

  async #send(doing: string, request: HttpRequest): Promise<HttpAnswer> {
    return sendTo({ code: "etcd", server: "etcd", node: this.#node, tunnel: this.#tunnel }, doing, request);
  }

  #refusal(doing: string, sent: HttpAnswer): RkeError {
    const message = messageOf(sent);
    const because = `etcd answered ${sent.status}: "${message}"`;
    const hint = /unhealthy cluster|not enough started members/.test(message)
      ? "Repair the members that are down first: etcd refuses changes that could cost it the quorum"
      : undefined;
    return new RkeError(
      "etcd",
      { doing, node: this.#node, because, ...(hint === undefined ? {} : { hint }) },
      { transient: sent.status >= 500 || /no leader|leader changed|timed out|too many requests/.test(message) },
    );
  }
}

/** A member id as etcd's own tools and logs print it. */
export function hexId(id: string): string {
  return BigInt(id).toString(16);
}

/** The gateway leaves out whatever is zero, false or empty, and writes 64-bit numbers as text. */
interface MemberJson {
  readonly ID?: string;
  readonly name?: string;
  readonly peerURLs?: readonly string[];
  readonly clientURLs?: readonly string[];
  readonly isLearner?: boolean;
}

interface MembersAnswer {
  readonly members?: readonly MemberJson[];
}

interface MemberAnswer {
  readonly member?: MemberJson;
}

interface StatusAnswer {
  readonly header?: { readonly cluster_id?: string; readonly member_id?: string };
  readonly version?: string;
  readonly leader?: string;
  readonly dbSize?: string;
  readonly raftTerm?: string;
  readonly raftIndex?: string;
  readonly raftAppliedIndex?: string;
  readonly isLearner?: boolean;
  readonly errors?: readonly string[];
}

function memberOf({ ID = "0", name = "", peerURLs = [], clientURLs = [], isLearner = false }: MemberJson): EtcdMember {
  return { id: ID, name, peerUrls: peerURLs, clientUrls: clientURLs, isLearner };
}

function messageOf({ body }: HttpAnswer): string {
  const { message, error } = jsonObject(body) ?? {};
  if (typeof message === "string") return message;
  return typeof error === "string" ? error : body.trim().slice(0, 200);
}
