import { prefixed } from "../desired/paths.ts";
import { type Place, refuseElsewhere } from "./machine-files.ts";
import { helperNames } from "./our-containers.ts";
import { runOnce } from "./run-once.ts";
import { defineStep } from "./step.ts";

export interface RemoveFilesParams extends Place {
  /** Without the machine's prefix; below `/etc/kubernetes`. */
  readonly paths: readonly string[];
}

/** Removes files that nothing on the machine may read any more, such as keys of a role that it has lost. */
export const removeFiles = defineStep<RemoveFilesParams>("remove-files", {
  title: ({ paths }) => `remove ${paths.length > 4 ? `${paths.length} files` : paths.map(baseName).join(", ")}`,

  async run({ node, prefixPath, image, paths }, context) {
    refuseElsewhere(paths, "remove files");
    // Docker's archives can add files and not take any away, so this needs a program.
    const spec = {
      name: helperNames.fileRemover,
      image,
      entrypoint: ["sh", "-c", script, "remove-files"],
      cmd: paths,
      binds: [`${prefixed(prefixPath, "/etc/kubernetes")}:/etc/kubernetes`],
      networkMode: "none",
      privileged: true,
    } as const;
    const { stdout } = await runOnce(node, spec, { context, doing: "remove files" });
    return stdout.includes("removed") ? "changed" : "unchanged";
  },
});

const script = 'for f in "$@"; do if [ -e "$f" ]; then rm -f "$f" && echo "removed $f"; fi; done';

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
