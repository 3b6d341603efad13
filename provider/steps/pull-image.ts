import { hasImage, pull } from "./image.ts";
import { defineStep } from "./step.ts";

export interface PullImageParams {
  readonly node: string;
  readonly image: string;
}

/** Puts an image on a machine, so that nothing waits for a registry while something is down. */
export const pullImage = defineStep<PullImageParams>("pull-image", {
  title: ({ image }) => `pull ${image}`,
  alongside: () => "pulls",

  async run(params, context) {
    if (await hasImage(params, context)) return "unchanged";
    await pull(params, context);
    return "changed";
  },
});
