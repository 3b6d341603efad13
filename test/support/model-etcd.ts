import type { ContainerSpec } from "../../provider/desired/container-spec.ts";
import type { ClusterFacts } from "../../provider/observed/facts.ts";
import { quorumOf } from "../../provider/reconcile/quorum.ts";

interface Member {
  readonly id: string;
  name: string;
  readonly peerUrl: string;
  isLearner: boolean;
  hasStarted: boolean;
}

interface Place {
  readonly address: string;
  readonly internalAddress: string;
}

/** What cannot work in reality: a deed that would fail, or that must never happen. */
export class ModelError extends Error {}

/** etcd as far as its list of members goes: who votes, who has data, and whether there is a majority. */
export class ModelEtcd {
  members: Member[] = [];
  /** By address of the machine: the member whose data lie there. */
  readonly data = new Map<string, string>();
  /** Members that were started, and nobody has waited for since. */
  readonly settling = new Set<string>();
  readonly #runs: (address: string) => boolean;
  readonly #places = new Map<string, string>();
  readonly #founders = new Map<string, string>();
  #lastId = 0;

  constructor(runs: (address: string) => boolean) {
    this.#runs = runs;
  }

  settle(places: readonly (Place & { readonly hostnameOverride: string })[]): void {
    this.members = places.map(({ internalAddress, hostnameOverride }) => ({
      ...this.#member(urlOf(internalAddress)),
      name: `etcd-${hostnameOverride}`,
      hasStarted: true,
      isLearner: false,
    }));
    places.forEach(({ address, internalAddress }) => {
      this.#places.set(urlOf(internalAddress), address);
      this.data.set(address, this.at(address)?.id ?? "");
    });
  }

  #member(peerUrl: string): Member {
    this.#lastId += 1;
    return { id: String(this.#lastId), name: "", peerUrl, isLearner: true, hasStarted: false };
  }

  /** The member whose peer URL leads to a machine. */
  at(address: string): Member | undefined {
    return this.members.find(({ peerUrl }) => (this.#places.get(peerUrl) ?? hostOf(peerUrl)) === address);
  }

  holdsData(address: string): boolean {
    return this.data.has(address);
  }

  forget(address: string): void {
    this.data.delete(address);
    this.#founders.delete(address);
  }

  get voters(): readonly Member[] {
    return this.members.filter(({ isLearner }) => !isLearner);
  }

  isUp(member: Member): boolean {
    const address = this.#addressOf(member);
    return this.#runs(address) && this.data.get(address) === member.id && !this.settling.has(address);
  }

  hasQuorum(): boolean {
    return (
      this.members.length > 0 && this.voters.filter((one) => this.isUp(one)).length >= quorumOf(this.voters.length)
    );
  }

  /** Whether a client that knows these hosts is served. */
  servesAny(hosts: readonly string[]): boolean {
    return this.hasQuorum() && this.voters.some((one) => hosts.includes(hostOf(one.peerUrl)) && this.isUp(one));
  }

  #addressOf({ peerUrl }: Member): string {
    return this.#places.get(peerUrl) ?? hostOf(peerUrl);
  }

  facts({ asked, known }: { asked: readonly string[]; known: readonly Place[] }): ClusterFacts["etcd"] {
    for (const { address, internalAddress } of known) this.#places.set(urlOf(internalAddress), address);
    const answers = (member: Member) => {
      const address = this.#addressOf(member);
      return asked.includes(address) && this.#runs(address) && this.data.get(address) === member.id;
    };
    if (!this.members.some(answers)) return undefined;
    const hasQuorum = this.hasQuorum();
    const leader = this.voters.find((one) => this.isUp(one));
    return {
      clusterId: "1",
      hasQuorum,
      members: this.members.map((member) => {
        const address = this.#addressOf(member);
        return {
          id: member.id,
          name: member.name,
          peerUrls: [member.peerUrl],
          ...(known.some((place) => place.address === address) && { node: address }),
          hasStarted: member.hasStarted,
          isLearner: member.isLearner,
          isHealthy: hasQuorum && answers(member) && this.isUp(member),
          isLeader: hasQuorum && member === leader,
        };
      }),
    };
  }

  /** What a container does that starts, by its flags and by what lies in its directory. */
  start(address: string, { cmd = [] }: ContainerSpec): void {
    this.settling.add(address);
    const held = this.data.get(address);
    if (held !== undefined) {
      if (this.members.length > 0 && !this.members.some(({ id }) => id === held)) {
        throw new ModelError(`the member on ${address} has been permanently removed from the cluster`);
      }
      return;
    }
    const flag = (name: string) => cmd.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? "";
    const list = flag("initial-cluster").split(",");
    const own = list.find((part) => part.startsWith(`${flag("name")}=`))?.slice(flag("name").length + 1) ?? "";
    this.#places.set(own, address);
    if (new Set(list.map(nameOf)).size !== list.length) throw new ModelError(`two members have one name: ${list}`);
    if (this.members.length === 0)
      this.#found(address, { list, isExisting: flag("initial-cluster-state") === "existing" });
    else this.#join(address, { name: flag("name"), list, own });
  }

  #found(address: string, { list, isExisting }: { list: readonly string[]; isExisting: boolean }): void {
    if (isExisting) throw new ModelError(`${address} joins an etcd that is not there`);
    this.#founders.set(address, list.toSorted().join());
    const founders = [...this.#founders].filter(([, other]) => other === list.toSorted().join());
    if (founders.length < quorumOf(list.length)) return;
    this.members = list.map((part) => ({ ...this.#member(urlIn(part)), name: nameOf(part), isLearner: false }));
    for (const [founder] of founders) this.#started(founder);
  }

  #join(address: string, { name, list, own }: { name: string; list: readonly string[]; own: string }): void {
    const there = this.members.map(({ peerUrl }) => peerUrl).sort();
    const given = list.map(urlIn).sort();
    if (there.join() !== given.join()) throw new ModelError(`member count is unequal: ${given} and not ${there}`);
    const member = this.members.find(({ peerUrl }) => peerUrl === own);
    if (member === undefined || member.hasStarted) throw new ModelError(`${own} has already been bootstrapped`);
    member.name = name;
    this.#started(address);
  }

  #started(address: string): void {
    const member = this.at(address);
    if (member === undefined) return;
    member.hasStarted = true;
    this.data.set(address, member.id);
  }

  add(peerUrl: string, via: readonly string[]): void {
    if (this.members.some((member) => member.peerUrl === peerUrl)) return;
    this.#mustAgree(via, `add ${peerUrl}`);
    if (this.members.some(({ isLearner }) => isLearner)) throw new ModelError("too many learner members in cluster");
    this.members = [...this.members, this.#member(peerUrl)];
  }

  promote(peerUrl: string, via: readonly string[]): void {
    const member = this.members.find((one) => one.peerUrl === peerUrl);
    if (member === undefined) throw new ModelError(`there is no member ${peerUrl}`);
    this.settling.clear();
    if (!this.isUp(member)) throw new ModelError(`the learner ${peerUrl} is never in sync`);
    this.#mustAgree(via, `promote ${peerUrl}`);
    member.isLearner = false;
  }

  remove(id: string, via: readonly string[]): void {
    this.#mustAgree(via, `remove ${id}`);
    const member = this.members.find((one) => one.id === id);
    if (member === undefined) return;
    const left = this.voters.filter((one) => one !== member);
    const counted = left.filter((one) => this.isUp(one) && via.includes(this.#addressOf(one)));
    if (!member.isLearner && (left.length === 0 || counted.length < quorumOf(left.length))) {
      throw new ModelError(`${counted.length} of ${left.length} would be left`);
    }
    this.members = this.members.filter((one) => one !== member);
  }

  /** While somebody waits, all that were started come up. */
  waitFor(address: string): void {
    this.settling.clear();
    const member = this.at(address);
    if (member === undefined || !this.isUp(member) || !this.hasQuorum()) {
      throw new ModelError(`etcd on ${address} never becomes healthy`);
    }
  }

  #mustAgree(via: readonly string[], what: string): void {
    const canAnswer = this.voters.some((one) => via.includes(this.#addressOf(one)) && this.isUp(one));
    if (!canAnswer) throw new ModelError(`nobody of ${via.join(", ") || "nobody"} can ${what}`);
    if (!this.hasQuorum()) throw new ModelError(`no quorum to ${what}`);
  }
}

const urlOf = (address: string): string => `https://${address}:2380`;
const hostOf = (url: string): string => new URL(url).hostname;
const urlIn = (part: string): string => part.slice(part.indexOf("=") + 1);
const nameOf = (part: string): string => part.slice(0, part.indexOf("="));
