import { aStack } from "../../engine/stack.ts";
import { labProgram } from "../../lab/program.ts";
import type { Tool } from "./tool.ts";

/** A program of ours under the real engine: each run is a whole `pulumi up`, from the start of its processes to their end. */
export async function pulumiTool(): Promise<Tool> {
  const stack = await aStack({ program: labProgram({ nodes: {} }) });
  let kubeconfig = "";
  return {
    name: "pulumi-rke",
    async apply(wanted) {
      stack.write(labProgram(wanted));
      const { failure, printed, outputs } = await stack.up();
      if (failure !== undefined) throw new Error(printed);
      kubeconfig = String(outputs.kubeconfig);
    },
    async destroy() {
      const { failure, printed } = await stack.destroy();
      if (failure !== undefined) throw new Error(printed);
    },
    kubeconfig: () => kubeconfig,
    logs: () => stack.logs(),
    close: () => stack.close(),
  };
}
