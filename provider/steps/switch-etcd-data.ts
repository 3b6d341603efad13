import { type RestorePlace, refuseWhileEtcdRuns, runRestore } from "./restore-script.ts";
import { defineStep } from "./step.ts";

/** Exchanges the data of etcd for those that lie beside them. The old ones are kept. */
export const switchEtcdData = defineStep<RestorePlace>("switch-etcd-data", {
  title: ({ name }) => `exchange etcd's data for those of ${name}, and keep the old ones`,

  async run(place, context) {
    const doing = "exchange the data of etcd";
    await refuseWhileEtcdRuns(place, doing, context);
    const said = await runRestore("switch", place, { context, doing });
    return said.includes("changed") ? "changed" : "unchanged";
  },
});
