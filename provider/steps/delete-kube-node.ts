import { withDeadline } from "../execute/deadline.ts";
import { retry } from "../execute/retry.ts";
import { apiPatienceMs } from "./kube-node.ts";
import { defineStep } from "./step.ts";

export interface DeleteKubeNodeParams {
  /** Of the Node object. */
  readonly name: string;
}

/** Removes a Node object. The kubelet must be gone by then, or it registers again. */
export const deleteKubeNode = defineStep<DeleteKubeNodeParams>("delete-kube-node", {
  title: ({ name }) => `delete the Node ${name}`,

  async run({ name }, context) {
    const what = `delete the Node ${name}`;
    const attempt = async () => {
      const signal = withDeadline(context.signal, apiPatienceMs, what);
      const kube = await context.kube();
      if ((await kube.node(name, { signal })) === undefined) return "unchanged";
      await kube.deleteNode(name, { signal });
      return "changed";
    };
    return retry(what, attempt, { context, attempts: 5 });
  },
});
