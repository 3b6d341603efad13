import { type RestorePlace, runRestore } from "./restore-script.ts";
import { defineStep } from "./step.ts";

/** Removes the data that etcd had before a restore, once nobody asks for it any more. */
export const discardRestore = defineStep<RestorePlace>("discard-restore", {
  title: ({ name }) => `remove the data from before ${name} was restored`,

  async run(place, context) {
    const said = await runRestore("discard", place, { context, doing: "remove the data from before the restore" });
    return said.includes("changed") ? "changed" : "unchanged";
  },
});
