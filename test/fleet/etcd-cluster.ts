import type { EtcdMember } from "./etcd-member.ts";
import type { World } from "./world.ts";

/** A gRPC status, as etcd's JSON gateway passes it on. */
export class EtcdError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const notFound = 5;
export const failedPrecondition = 9;
export const unavailable = 14;

/** What the cluster has agreed on about one member. */
export interface MemberRecord {
  readonly id: bigint;
  /** Empty until the member has run once. */
  name: string;
  peerURLs: readonly string[];
  clientURLs: readonly string[];
  isLearner: boolean;
}

export interface KeyValue {
  readonly value: unknown;
  readonly createRevision: number;
  readonly modRevision: number;
}

/**
 * What a group of etcd members has committed. There is one log, since only a majority can write it; what makes members
 * differ (running, reachable, behind) is computed when somebody asks.
 */
export class EtcdCluster {
  readonly id: bigint;
  readonly token: string;
  readonly members = new Map<bigint, MemberRecord>();
  readonly removed = new Set<bigint>();
  readonly running = new Map<bigint, EtcdMember>();
  /** For each member that has data of this cluster: is the data still on its disk? */
  readonly holders = new Map<bigint, () => boolean>();
  readonly store = new Map<string, KeyValue>();
  revision = 1;
  term = 1;
  /** Position in the log. */
  index = 1;
  hasHadQuorum = false;
  readonly #world: World;
  #leader: bigint | undefined;
  #leaderlessSince: number | undefined;

  constructor(world: World, id: bigint, token: string) {
    this.#world = world;
    this.id = id;
    this.token = token;
  }

  get voters(): readonly MemberRecord[] {
    return [...this.members.values()].filter(({ isLearner }) => !isLearner);
  }

  get quorum(): number {
    return Math.floor(this.voters.length / 2) + 1;
  }

  get hasQuorum(): boolean {
    return this.voters.some(({ id }) => this.#canLead(id));
  }

  /** The member that a majority follows. It stays while it can; an election takes its time and raises the term. */
  leader(): EtcdMember | undefined {
    const current = this.#leader === undefined ? undefined : this.running.get(this.#leader);
    if (current !== undefined && this.#canLead(current.id)) return current;
    this.#leaderlessSince ??= performance.now();
    const next = this.voters.find(({ id }) => this.#canLead(id));
    const isElecting = this.hasHadQuorum && performance.now() - this.#leaderlessSince < this.#world.pace.electionMs;
    if (next === undefined || isElecting) return undefined;
    this.#leader = next.id;
    this.#leaderlessSince = undefined;
    this.hasHadQuorum = true;
    this.term += 1;
    this.index += 1;
    this.#introduce();
    return this.running.get(next.id);
  }

  /** The leader as one member sees it; none when it cannot reach it. */
  leaderOf(member: EtcdMember): EtcdMember | undefined {
    const leader = this.leader();
    return leader !== undefined && (leader === member || leader.talksTo(member)) ? leader : undefined;
  }

  /** Moves leadership by hand; `false` when the member cannot take it. */
  transferLeadership(to: bigint): boolean {
    if (!this.#canLead(to)) return false;
    this.#leader = to;
    this.term += 1;
    return true;
  }

  put(key: string, value: unknown): KeyValue {
    this.revision += 1;
    this.index += 1;
    const createRevision = this.store.get(key)?.createRevision ?? this.revision;
    const entry = { value, createRevision, modRevision: this.revision };
    this.store.set(key, entry);
    return entry;
  }

  delete(key: string): boolean {
    if (!this.store.delete(key)) return false;
    this.revision += 1;
    this.index += 1;
    return true;
  }

  /** What etcd looks at before it asks the others: whether they are all there. */
  refuseUnhealthy(): void {
    if (this.voters.some(({ id }) => !this.isConnected(id))) throw unhealthy();
  }

  add(record: MemberRecord, { isLearner }: { readonly isLearner: boolean }): void {
    const { voters } = this;
    const urls = new Set([...this.members.values()].flatMap(({ peerURLs }) => peerURLs));
    if (record.peerURLs.some((url) => urls.has(url))) {
      throw new EtcdError(failedPrecondition, "etcdserver: Peer URLs already exists");
    }
    if (isLearner && voters.length < this.members.size) {
      throw new EtcdError(failedPrecondition, "etcdserver: too many learner members in cluster");
    }
    if (!isLearner) this.#needEnoughStarted(voters, voters.length + 1);
    this.refuseUnhealthy();
    this.members.set(record.id, record);
    this.index += 1;
  }

  promote(id: bigint): MemberRecord {
    const record = this.#member(id);
    if (!record.isLearner) throw new EtcdError(failedPrecondition, "etcdserver: can only promote a learner member");
    const member = this.running.get(id);
    if (member === undefined || !this.isConnected(id) || !member.isInSync) {
      const need = "can only promote a learner member which is in sync with leader";
      throw new EtcdError(failedPrecondition, `etcdserver: ${need}`);
    }
    this.#needEnoughStarted([...this.voters, record], this.voters.length + 1);
    record.isLearner = false;
    this.index += 1;
    return record;
  }

  /** `asked` is the member that serves the request: it counts itself as running, whatever others think. */
  remove(id: bigint, asked: EtcdMember): MemberRecord {
    const record = this.#member(id);
    if (!record.isLearner) {
      const rest = this.voters.filter((voter) => voter.id !== id);
      if (rest.length === 0) throw notEnoughStarted();
      this.#needEnoughStarted(rest, rest.length);
      const isUp = id === asked.id || this.isConnected(id);
      const active = this.voters.filter((voter) => this.isConnected(voter.id)).length;
      if (isUp && active - 1 < 1 + Math.floor((this.voters.length - 1) / 2)) throw unhealthy();
    }
    this.members.delete(id);
    this.removed.add(id);
    this.index += 1;
    this.running.get(id)?.removed();
    return record;
  }

  /** Runs and is reached by the leader. */
  isConnected(id: bigint): boolean {
    const member = this.running.get(id);
    return member !== undefined && this.leaderOf(member) !== undefined;
  }

  #member(id: bigint): MemberRecord {
    const record = this.members.get(id);
    if (record === undefined) throw new EtcdError(notFound, "etcdserver: member not found");
    return record;
  }

  /** A member that never ran has no name; etcd's one exception lets a single member get its second one back. */
  #needEnoughStarted(voters: readonly MemberRecord[], size: number): void {
    const started = voters.filter(({ name }) => name !== "").length;
    if (started === 1 && size === 2 && voters.length === 1) return;
    if (started < Math.floor(size / 2) + 1) throw notEnoughStarted();
  }

  #canLead(id: bigint): boolean {
    const candidate = this.running.get(id);
    const record = this.members.get(id);
    if (candidate === undefined || record === undefined || record.isLearner) return false;
    const followers = this.voters.filter((voter) => {
      const member = this.running.get(voter.id);
      return member !== undefined && (member === candidate || candidate.talksTo(member));
    });
    return followers.length >= this.quorum;
  }

  /** A member publishes its name and client addresses as soon as there is a leader to take them. */
  #introduce(): void {
    for (const member of this.running.values()) this.introduce(member);
  }

  introduce(member: EtcdMember): void {
    const record = this.members.get(member.id);
    if (record === undefined || this.leaderOf(member) === undefined) return;
    record.name = member.options.name;
    record.clientURLs = member.options.clientURLs;
  }
}

const notEnoughStarted = (): EtcdError =>
  new EtcdError(failedPrecondition, "etcdserver: re-configuration failed due to not enough started members");

const unhealthy = (): EtcdError => new EtcdError(unavailable, "etcdserver: unhealthy cluster");
