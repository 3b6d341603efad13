import type { Etcd, EtcdHealth, EtcdMember, EtcdStatus } from "../hosts/etcd.ts";
import type { ClusterFacts, EtcdMemberFact } from "./facts.ts";
import { limited, type Stoppable, unlessStopped } from "./unless-stopped.ts";

type EtcdFacts = NonNullable<ClusterFacts["etcd"]>;

/** A node that should have a member, and how to speak to it. */
export interface EtcdNode {
  readonly address: string;
  readonly internalAddress: string;
  /** Absent for one that cannot be reached. */
  readonly etcd?: Etcd | undefined;
}

/**
 * Asks every member for itself how it is, and the one whose word counts most what it believes the cluster to be. Undefined when
 * none answers. A member that nobody could ask is not called healthy, even if it is.
 */
export async function lookAtEtcd(nodes: readonly EtcdNode[], options: Stoppable = {}): Promise<EtcdFacts | undefined> {
  const answers = (await Promise.all(nodes.map((node) => ask(node, options)))).flat().toSorted(byTrust);
  for (const home of answers) {
    const members = await unlessStopped(options, () => home.etcd.members(limited(options, ETCD_LIMIT_MS)));
    if (members !== undefined) return factsOf(members, { home, answers, nodes });
  }
  return undefined;
}

interface Answer {
  readonly etcd: Etcd;
  readonly status: EtcdStatus;
  readonly health: EtcdHealth;
}

interface Asked {
  readonly home: Answer;
  readonly answers: readonly Answer[];
  readonly nodes: readonly EtcdNode[];
}

function factsOf(listed: readonly EtcdMember[], { home, answers, nodes }: Asked): EtcdFacts {
  const { clusterId } = home.status;
  const peers = answers.filter(({ status }) => status.clusterId === clusterId);
  const leader = peers.find(({ status }) => status.memberId === status.leaderId);
  const members = listed.map((member) => {
    const answer = peers.find(({ status }) => status.memberId === member.id);
    return memberFact(member, { answer, leader, node: nodeOf(member, nodes) });
  });
  // A voter that calls itself healthy has just read something that a majority agreed on.
  const hasQuorum = members.some(({ isLearner, isHealthy }) => isHealthy && !isLearner);
  return { clusterId, members, hasQuorum };
}

/** One question after the other, on one connection: who looks at the API servers meanwhile is not done sooner. */
async function ask({ etcd }: EtcdNode, options: Stoppable): Promise<readonly Answer[]> {
  if (etcd === undefined) return [];
  const call = limited(options, ETCD_LIMIT_MS);
  const answer = await unlessStopped(options, async () => {
    const status = await etcd.status(call);
    return { etcd, status, health: await etcd.health(call) };
  });
  return answer === undefined ? [] : [answer];
}

/** Longer than etcd itself tries, which is seven seconds with RKE's election timeout. */
const ETCD_LIMIT_MS = 15_000;

/** Whose word counts: that of a healthy voter before others, and of two such the one in the later term. */
function byTrust(a: Answer, b: Answer): number {
  const weight = ({ status, health }: Answer) =>
    (health.healthy ? 4 : 0) + (status.leaderId === undefined ? 0 : 2) + (status.isLearner ? 0 : 1);
  return weight(b) - weight(a) || Number(BigInt(b.status.raftTerm) - BigInt(a.status.raftTerm));
}

/** A peer URL names the internal address, or the public one where that is the same. */
const nodeOf = ({ peerUrls }: EtcdMember, nodes: readonly EtcdNode[]): EtcdNode | undefined =>
  nodes.find(({ internalAddress }) => peerUrls.includes(`https://${internalAddress}:2380`));

interface Circumstances {
  readonly answer: Answer | undefined;
  readonly leader: Answer | undefined;
  readonly node: EtcdNode | undefined;
}

function memberFact(member: EtcdMember, { answer, leader, node }: Circumstances): EtcdMemberFact {
  const { id, name, peerUrls, clientUrls, isLearner } = member;
  const status = answer?.status;
  return {
    id,
    name,
    ...(node !== undefined && { node: node.address }),
    peerUrls: [...peerUrls],
    hasStarted: clientUrls.length > 0,
    isLearner,
    isHealthy: answer !== undefined && isWell(answer, { isLearner }),
    isLeader: leader?.status.memberId === id,
    ...(status !== undefined && {
      ...(leader !== undefined && { lag: lagOf(status, leader.status) }),
      version: status.version,
      dbSizeBytes: status.dbSizeBytes,
    }),
  };
}

/** A learner answers no reads and so never calls itself healthy; it is well when it knows its leader. */
const isWell = ({ health, status }: Answer, { isLearner }: { isLearner: boolean }): boolean =>
  isLearner ? status.leaderId !== undefined && status.errors.length === 0 : health.healthy;

/** The two were asked one after the other, so a member may seem to be ahead. */
function lagOf({ raftAppliedIndex }: EtcdStatus, { raftIndex }: EtcdStatus): number {
  return Math.max(0, Number(BigInt(raftIndex) - BigInt(raftAppliedIndex)));
}
