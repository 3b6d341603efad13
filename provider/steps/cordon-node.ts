import { changeNode, cordonedAnnotation } from "./kube-node.ts";
import { defineStep } from "./step.ts";

export interface CordonNodeParams {
  /** Of the Node object. */
  readonly name: string;
}

/** Keeps new pods off a node, and notes that it was us. A cordon of somebody else stays theirs. */
export const cordonNode = defineStep<CordonNodeParams>("cordon-node", {
  title: ({ name }) => `cordon ${name}`,

  run: ({ name }, context) =>
    changeNode(
      name,
      ({ spec }) =>
        spec.unschedulable === true
          ? undefined
          : {
              metadata: { annotations: { [cordonedAnnotation]: context.clock().toISOString() } },
              spec: { unschedulable: true },
            },
      { context, what: `cordon ${name}` },
    ),
});
