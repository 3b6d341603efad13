import type { Run } from "../../engine/run.ts";
import { aStack } from "../../engine/stack.ts";
import { labProgram } from "../../lab/program.ts";
import type { Tool } from "./tool.ts";

/** A program of ours under the real engine: each run is a whole `pulumi up`, from the start of its processes to their end. */
export async function pulumiTool(): Promise<Tool> {
  const stack = await aStack({ program: labProgram({ nodes: {} }), isOrdinary: true });
  let kubeconfig = "";
  return {
    name: "pulumi-rke",
    async apply(wanted) {
      stack.write(labProgram(wanted));
      const up = await stack.up();
      mustSucceed(up);
      kubeconfig = String(up.outputs.kubeconfig);
    },
    look: async () => mustSucceed(await stack.refresh()),
    destroy: async () => mustSucceed(await stack.destroy()),
    kubeconfig: () => kubeconfig,
    logs: () => stack.logs(),
    close: () => stack.close(),
  };
}

function mustSucceed({ failure, printed }: Run): void {
  if (failure !== undefined) throw new Error(printed);
}
