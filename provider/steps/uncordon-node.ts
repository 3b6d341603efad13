import { changeNode, cordonedAnnotation } from "./kube-node.ts";
import { defineStep } from "./step.ts";

export interface UncordonNodeParams {
  /** Of the Node object. */
  readonly name: string;
}

/** Takes our cordon back, and nobody else's. */
export const uncordonNode = defineStep<UncordonNodeParams>("uncordon-node", {
  title: ({ name }) => `uncordon ${name}`,

  run: ({ name }, context) =>
    changeNode(
      name,
      ({ metadata }) =>
        metadata.annotations?.[cordonedAnnotation] === undefined
          ? undefined
          : { metadata: { annotations: { [cordonedAnnotation]: null } }, spec: { unschedulable: null } },
      { context, what: `uncordon ${name}` },
    ),
});
