import type { NodePlan } from "../../desired/node-plan.ts";
import { admissionPath, auditPolicyPath, encryptionPath } from "../../desired/paths.ts";
import { isOfOtherRole } from "../../pki/files.ts";
import { removeFiles } from "../../steps/remove-files.ts";
import { wantedFiles } from "../deployment.ts";
import { type Lane, type Phase, sideBySide, type World } from "../runbook.ts";
import { hasRole, reached, reachedPlans, seenContainer } from "../world.ts";

/**
 * Removes what machines keep of roles that they have lost: the keys of the CA and of etcd open the whole cluster. When
 * nothing runs any more that reads them.
 */
export function removeFilesOfLostRoles(world: World): Phase {
  const image = world.desired.config.systemImages.alpine;
  return sideBySide(
    "Remove files of roles that are lost",
    reachedPlans(world).map((plan): Lane => {
      const { node, prefixPath } = plan;
      const wanted = new Set(wantedFiles(world, plan).map(({ path }) => path));
      const seen = reached(world, node.address)?.files.map(({ path }) => path) ?? [];
      const isLost = (path: string) =>
        isOfOtherRole(path, { roles: keptRoles(world, plan) }) ||
        (ofControlPlanes.has(path) && !hasRole(plan, "controlplane"));
      const paths = seen.filter((path) => !wanted.has(path) && isLost(path)).toSorted();
      return paths.length === 0 ? [] : [removeFiles({ node: node.address, prefixPath, image, paths })];
    }),
  );
}

const ofControlPlanes: ReadonlySet<string> = new Set([admissionPath, auditPolicyPath, encryptionPath]);

/** A member of etcd that cannot leave, because nobody answers who could let it go, stays for now. */
function keptRoles(world: World, { node: { address, role } }: NodePlan): NodePlan["node"]["role"] {
  const isStuck = world.facts.etcd === undefined && seenContainer(world, address, "etcd") !== undefined;
  return isStuck ? [...role, "etcd"] : role;
}
