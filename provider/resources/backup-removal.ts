import { severalFailures } from "../execute/failures.ts";
import type { BackupLocation } from "../state/backup-state.ts";
import type { Access } from "./backup-access.ts";
import { placeOf } from "./backup-locations.ts";
import { whySilent } from "./backup-operation.ts";
import { type ShelfOptions, shelfAt } from "./backup-shelf.ts";

interface RemovalOptions extends ShelfOptions {
  readonly access: Pick<Access, "images" | "nodes">;
}

/**
 * Deletes copies, each by its exact name. What lies on machines that are gone is gone with them, as far as anybody can tell:
 * they are named. Everything else that cannot be deleted is a failure, after all others are deleted.
 */
export async function removeCopies(
  copies: readonly BackupLocation[],
  options: RemovalOptions,
): Promise<{ readonly left: readonly BackupLocation[]; readonly failure: unknown }> {
  const { context } = options;
  const failures: unknown[] = [];
  const outcomes = await Promise.all(
    copies.map(async (copy) => {
      try {
        const gone = copy.kind === "node" ? await whyGone(copy, options) : undefined;
        if (gone === undefined) {
          context.emit({ kind: "step-started", step: `delete ${placeOf(copy)}` });
          await shelfAt(copy, options).remove();
          context.emit({ kind: "notice", text: `deleted ${placeOf(copy)}` });
        } else context.emit({ kind: "notice", text: `warning: ${placeOf(copy)} was not deleted: ${gone}` });
        return [];
      } catch (error) {
        context.signal.throwIfAborted();
        failures.push(error);
        return [copy];
      }
    }),
  );
  return { left: outcomes.flat(), failure: failures.length === 0 ? undefined : severalFailures(failures) };
}

async function whyGone(
  { address }: BackupLocation & { kind: "node" },
  { access, context }: RemovalOptions,
): Promise<string | undefined> {
  if (!access.nodes.some((node) => node.address === address)) return "the machine has left etcd";
  const silence = await whySilent(address, context);
  return silence === undefined ? undefined : `the machine does not answer: ${silence}`;
}
