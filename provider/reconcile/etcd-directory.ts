import type { NodePlan } from "../desired/node-plan.ts";
import { prepareEtcdDirectory } from "../steps/prepare-etcd-directory.ts";
import type { Step } from "../steps/step.ts";
import type { World } from "./runbook.ts";

/** Makes the directory that a member is about to keep its data in; what may lie in it goes only where it is no use. */
export function etcdDirectory(
  { desired: { config } }: World,
  { node, prefixPath }: NodePlan,
  { isFresh }: { isFresh: boolean },
): Step {
  const { uid = 0, gid = 0 } = config.services.etcd;
  const image = config.systemImages.alpine;
  return prepareEtcdDirectory({ node: node.address, prefixPath, uid, gid, image, ...(isFresh && { isFresh }) });
}
