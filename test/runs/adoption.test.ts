import { afterEach, describe, expect, it } from "vitest";

import { readClusterYml } from "../../provider/config/cluster-yml.ts";
import { planCluster } from "../../provider/desired/cluster-plan.ts";
import { pkiSubject } from "../../provider/desired/pki-subject.ts";
import { issueBundle } from "../../provider/pki/bundle.ts";
import { deployedFiles } from "../../provider/pki/deployed-files.ts";
import { printRunbook } from "../../provider/reconcile/print.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { machinesFor, rkeCluster } from "../fleet/rke-cluster.ts";
import { peerPlan, vector } from "../support/vectors.ts";
import { issueOptions } from "../unit/pki/world.ts";
import { Cluster } from "./cluster.ts";
import { configOf } from "./operation-on.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

describe("bringUp() on a cluster that rke has left", () => {
  it.each(["single-node", "three-all-in-one", "separated-planes"])(
    "finds nothing to do that anybody feels: %s",
    async (name) => {
      const cluster = await adopted(name);

      const { runbook } = await cluster.up();

      expect(printRunbook(runbook)).toMatchSnapshot();
      expect(fleet.journal.lines({ kind: "container stopped" })).toEqual([]);
      fleet.invariants.assertHeld();
    },
  );
});

/** A cluster with the containers of a vector's plan, and the certificates that its state file would have. */
async function adopted(name: string): Promise<Cluster> {
  fleet = await aFleet({ nodes: machinesFor(name) });
  const { args: given } = readClusterYml(vector(name).clusterYml);
  // Without a version rke takes the newest that it knows.
  const args = { kubernetesVersion: peerPlan(name).rkeConfig.kubernetes_version, ...(given as object) };
  const { config, release } = configOf(args);
  const { bundle: certificates } = await issueBundle(pkiSubject(config), issueOptions({ clock: () => new Date() }));
  const plan = planCluster(config, release);
  await rkeCluster(fleet, name, {
    files: ({ address }) =>
      plan.nodes
        .filter(({ node }) => node.address === address)
        .flatMap(({ node, files }) => [
          ...deployedFiles({ host: node, roles: node.role }, certificates).map(({ path, content }) => ({
            path,
            content: content.unwrap(),
          })),
          ...files,
        ]),
  });
  fleet.journal.events.length = 0;
  return new Cluster(fleet, args, { certificates });
}
