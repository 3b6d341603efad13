import type { NodePlan } from "../desired/node-plan.ts";
import { etcdMemberName } from "../desired/services/etcd.ts";
import { RkeError } from "../errors.ts";
import { addEtcdLearner } from "../steps/add-etcd-learner.ts";
import { promoteEtcdMember } from "../steps/promote-etcd-member.ts";
import { removeContainer } from "../steps/remove-container.ts";
import { removeEtcdMember } from "../steps/remove-etcd-member.ts";
import { runContainer } from "../steps/run-container.ts";
import type { Step } from "../steps/step.ts";
import { waitForEtcd } from "../steps/wait-for-etcd.ts";
import { etcdDirectory } from "./etcd-directory.ts";
import { joiningContainer } from "./joining-container.ts";
import { type Voters, votersAmong, whyNotChange, whyNotRemove } from "./quorum.ts";
import type { Lane, World } from "./runbook.ts";
import { holdsEtcdData, isRight, memberOf, nameOf, peerUrl, seenContainer } from "./world.ts";

/** A member as it will be once the steps so far are done. */
export interface FutureMember {
  /** Empty for one that is still to be added. */
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  /** Address of its machine, if that is one of those we know. */
  readonly node?: string | undefined;
  readonly isLearner: boolean;
  readonly isHealthy: boolean;
}

/** Deeds on the list of etcd's members, one after another. Knows who is a member after each, and refuses what is unsafe. */
export class Turnover {
  readonly #world: World;
  #members: readonly FutureMember[];
  #steps: Step[] = [];

  constructor(world: World, members: readonly FutureMember[]) {
    this.#world = world;
    this.#members = members;
  }

  get voters(): Voters {
    return votersAmong(this.#members);
  }

  /** The steps since this was last asked. */
  taken(): Lane {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  /** Addresses of voters to speak to, other than the one in question. */
  healthy(except?: string): readonly string[] {
    return this.#members.flatMap(({ node, isHealthy, isLearner }) =>
      isHealthy && !isLearner && node !== undefined && node !== except ? [node] : [],
    );
  }

  /** Takes a member out. Its container goes after it: a member that is only stopped still counts towards the quorum. */
  remove(id: string): void {
    const member = this.#members.find((one) => one.id === id);
    if (member === undefined) return;
    this.#takeOut(member);
    const { node } = member;
    if (node !== undefined && seenContainer(this.#world, node, "etcd") !== undefined) {
      this.#steps.push(removeContainer({ node, name: "etcd" }));
    }
  }

  /** Brings a member in: as a learner, which gets its vote when it has caught up. */
  join(plan: NodePlan): void {
    const { address, internalAddress } = plan.node;
    const url = peerUrl(internalAddress);
    const known = memberOf(this.#world, internalAddress);
    const isStale = known?.hasStarted === true && !holdsEtcdData(this.#world, plan);
    if (known !== undefined && isStale) this.#takeOut({ ...known, isHealthy: false });
    const because = whyNotChange(this.voters);
    if (because !== undefined) throw unsafe(`add ${nameOf(plan.node)} to etcd`, because);

    const via = this.healthy(address);
    const name = etcdMemberName(plan.node);
    if (known === undefined || isStale) {
      const member: FutureMember = { id: "", name, peerUrls: [url], node: address, isLearner: true, isHealthy: true };
      this.#members = [...this.#members, member];
      this.#steps.push(
        etcdDirectory(this.#world, plan, { isFresh: true }),
        addEtcdLearner({ node: address, name, peerUrl: url, via }),
      );
    }
    this.#steps.push(
      ...this.#started(plan),
      promoteEtcdMember({ node: address, peerUrl: url, via }),
      waitForEtcd({ node: address, inSync: true, via }),
    );
    this.#members = this.#members.map((member) =>
      member.peerUrls.includes(url) ? { ...member, isLearner: false, isHealthy: true } : member,
    );
  }

  /** What a member reads at its first start is the list of that moment, so one that never got that far is made anew. */
  #started(plan: NodePlan): Lane {
    const { address, internalAddress } = plan.node;
    const container = joiningContainer(this.#world, plan, { members: this.#members });
    const seen = seenContainer(this.#world, address, "etcd");
    const known = memberOf(this.#world, internalAddress);
    if (known?.hasStarted && isRight(container, seen)) return [];
    const isLeftover = known !== undefined && !known.hasStarted && seen !== undefined;
    return [
      ...(isLeftover ? [removeContainer({ node: address, name: "etcd" })] : []),
      runContainer({ node: address, container }),
    ];
  }

  #takeOut(member: FutureMember): void {
    const { id, name, node, isLearner } = member;
    const because = isLearner ? whyNotChange(this.voters) : whyNotRemove(this.voters, member);
    if (because !== undefined) throw unsafe(`remove ${name || id} from etcd`, because);
    const via = this.healthy(node);
    this.#members = this.#members.filter((other) => other.id !== id);
    this.#steps.push(removeEtcdMember({ node: node ?? via[0] ?? "", memberId: id, name: name || id, via }));
  }
}

const unsafe = (doing: string, because: string): RkeError =>
  new RkeError("unsafe", {
    doing,
    because,
    hint: "Repair the unhealthy members first, or restore the cluster from a snapshot",
  });
