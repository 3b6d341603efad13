import { posix } from "node:path";

import { prefixed } from "../desired/paths.ts";
import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { type ArchivedFile, packed, type UnpackedFile, unpacked } from "../hosts/archive.ts";
import { readAll } from "../hosts/http.ts";
import type { HelperSpec } from "./helper-container.ts";
import { withHelper } from "./helper-container.ts";
import { helperNames } from "./our-containers.ts";

/** The directory in which all of RKE's files lie, without the machine's prefix. */
const root = "/etc/kubernetes";

export interface Place {
  readonly node: string;
  readonly prefixPath: string;
  readonly image: string;
}

/** The files below `/etc/kubernetes` of one machine. */
export interface MachineFiles {
  /** By path (without prefix). */
  readonly found: ReadonlyMap<string, UnpackedFile>;
  /** By the machine's clock, a moment ago. */
  readonly nowMs: number;
  /** Writes files in the order given. */
  readonly write: (files: readonly (ArchivedFile & { readonly path: string })[]) => Promise<void>;
}

/**
 * Opens the files of a machine through a container that is created and never started: Docker reads and writes the
 * directories that would be mounted into it, so that no program runs there and the user needs no rights but Docker.
 */
export async function withMachineFiles<T>(
  place: Place,
  { context, work }: { context: Context; work: (files: MachineFiles) => Promise<T> },
): Promise<T> {
  const { node } = place;
  const docker = context.docker(node);
  const { signal } = context;
  return withHelper(node, filesContainer(place), {
    context,
    work: async (name) => {
      const [archive, inspected] = await Promise.all([
        docker.getArchive(name, root, { signal }),
        docker.inspect(name, { signal }),
      ]);
      const files = archive === undefined ? [] : unpacked(await readAll(archive));
      const found = new Map(files.map((file) => [posix.join(posix.dirname(root), file.name), file]));
      // The machine has just noted when it made this container, which no estimate of its clock is as good as.
      const nowMs = Date.parse(inspected?.Created ?? "") || context.clock().getTime() + context.clockOffsetMs(node);
      const write: MachineFiles["write"] = async (written) => {
        const archived = written.map((file) => ({ ...file, name: posix.relative(root, file.path) }));
        await docker.putArchive(name, root, { archive: packed(archived), signal });
      };
      return work({ found, nowMs, write });
    },
  });
}

export function filesContainer({ prefixPath, image }: Place): HelperSpec {
  return {
    name: helperNames.files,
    image,
    cmd: ["true"],
    binds: [`${prefixed(prefixPath, root)}:${root}`],
    networkMode: "none",
  };
}

/** Files elsewhere are nobody's business here, and would end up in the container instead of on the machine. */
export function refuseElsewhere(paths: readonly string[], doing: string): void {
  const elsewhere = paths.find((path) => posix.normalize(path) !== path || !path.startsWith(`${root}/`));
  if (elsewhere === undefined) return;
  throw new RkeError("internal", { doing, because: `"${elsewhere}" is not a path below ${root}` });
}
