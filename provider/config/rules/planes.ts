import type { Path } from "../finding.ts";
import type { Role } from "../schema/node.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

const mostEtcdMembers = 7;

/** The machines together: every plane has someone, and etcd can lose someone. */
export function* planeRules({ config }: Draft): Generator<Verdict> {
  const external = (config.services.etcd.externalUrls ?? []).length > 0;
  const externalPath: Path = ["services", "etcd", "externalUrls"];
  if (config.nodes.length === 0) {
    yield failure(["nodes"], "No node is given: a cluster needs etcd, controlplane and worker on one machine or more");
    return;
  }
  const basis: Path[] = config.nodes.map((_, index) => ["nodes", index, "role"]);
  const having = (role: Role) => config.nodes.filter((node) => node.role.includes(role)).length;
  const members = having("etcd");

  if (members === 0 && !external) {
    yield failure(["nodes"], 'No node has the role "etcd", and no external etcd is given', [...basis, externalPath]);
  }
  if (members > 0 && external) {
    const reason = "An external etcd is given, and nodes have the role etcd: take away one of the two";
    yield failure(externalPath, reason, basis);
  }
  if (having("controlplane") === 0) yield failure(["nodes"], 'No node has the role "controlplane"', basis);
  if (having("worker") === 0) {
    yield warning(["nodes"], 'No node has the role "worker": pods that tolerate no taint will find no place', basis);
  }
  if (members > 1 && members % 2 === 0) {
    const quorum = members / 2 + 1;
    const spare = members - quorum;
    const reason = `${members} etcd members need ${quorum} for a quorum, so only ${spare} may fail, as with ${members - 1}: use an odd number`;
    yield warning(["nodes"], reason, basis);
  }
  if (members > mostEtcdMembers) {
    yield warning(
      ["nodes"],
      `${members} etcd members make writing slow: more than ${mostEtcdMembers} do not help`,
      basis,
    );
  }
}
