import type { TestProject } from "vitest/node";

import { lab } from "../lab/machines.ts";
import { makeCluster } from "./cluster.ts";
import { labMachines } from "./real-machines.ts";

/** Three machines of the lab with a cluster on them, made by the product itself. */
export async function setup(project: TestProject): Promise<void> {
  lab("build");
  lab("up", "3");
  lab("reset", "1", "2", "3");
  lab("pull", "v1.31.4-rancher1-1");
  const bundle = await makeCluster(labMachines());
  project.provide(
    "certificates",
    Object.values(bundle).map(({ name, certificate, key }) => ({ name, certificate, key: key?.unwrap() ?? "" })),
  );
}

export function teardown(): void {
  if (process.env.LAB_KEEP === undefined) lab("down", "stop");
}
