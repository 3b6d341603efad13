import { rename } from "node:fs/promises";
import { join } from "node:path";

import { RkeError } from "../errors.ts";
import { execute } from "../execute/run.ts";
import { inOrder, present, sideBySide } from "../reconcile/runbook.ts";
import type { BackupLocation, BackupState } from "../state/backup-state.ts";
import type { BackupArguments } from "./backup-inputs.ts";
import { type CopyPlan, keyOf, placeOf, planCopies } from "./backup-locations.ts";
import { type BackupOperation, whySilent, withMachines } from "./backup-operation.ts";
import { removeCopies } from "./backup-removal.ts";
import { type Shelf, shelfAt } from "./backup-shelf.ts";
import { withSpool } from "./backup-spool.ts";
import { deed, storeOn } from "./backup-steps.ts";
import { sha256OfFile } from "./sha256-of-file.ts";

export interface Copied {
  readonly locations: readonly BackupLocation[];
  readonly expected: readonly string[];
  readonly failure: unknown;
}

/**
 * Makes the copies of a snapshot what is wanted: brings back what has gone missing, stores it in new places, and does with the
 * copies in places that are not wanted any more what `retain` says. Nothing is deleted before everything else is there.
 */
export async function adjustCopies(
  operation: BackupOperation,
  { state, before }: { readonly state: BackupState; readonly before: BackupArguments },
): Promise<Copied> {
  const { args, access, context } = operation;
  const plan = planCopies(state, { args, access });
  const options = { access, context, s3: args.storage.s3 };
  const shelves = (await reachable(plan.missing, operation)).map((location) => shelfAt(location, options));
  const stored: BackupLocation[] = [];
  let failure: unknown;
  if (shelves.length > 0) {
    // A copy in a bucket that is not wanted any more is fetched with the credentials of that bucket.
    const former = (location: BackupLocation): Shelf => shelfAt(location, { ...options, s3: before.storage.s3 });
    const sources = [...plan.kept.map((one) => shelfAt(one, options)), ...plan.leaving.map(former)];
    const machines = shelves.flatMap(({ location }) => (location.kind === "node" ? location.address : []));
    failure = await withMachines(operation, machines, () =>
      copyTo(shelves, { operation, state, sources, onStored: (location) => void stored.push(location) }),
    );
  }
  const there = [...plan.kept, ...stored];
  const due = new Set([...plan.kept, ...shelves.map(({ location }) => location)].map(keyOf));
  for (const key of plan.missing.map(keyOf)) if (state.expected.includes(key)) due.add(key);
  const expected = [...due];
  if (failure !== undefined) return { locations: [...there, ...plan.leaving], expected, failure };
  const gone = await letGo(plan, { operation, before });
  return { locations: [...there, ...gone.left], expected, failure: gone.failure };
}

interface CopyOptions {
  readonly operation: BackupOperation;
  readonly state: BackupState;
  readonly sources: readonly Shelf[];
  readonly onStored: (location: BackupLocation) => void;
}

/** Returns what went wrong, after everything that could be done is done. */
async function copyTo(shelves: readonly Shelf[], options: CopyOptions): Promise<unknown> {
  const { operation, state, onStored } = options;
  const { args, context } = operation;
  const { name, sizeBytes, sha256 } = state;
  const tried = shelves.map((shelf) => [
    deed(`see that ${placeOf(shelf.location)} can be written`, async () => {
      await shelf.check();
      return "unchanged" as const;
    }),
  ]);
  return withSpool({ folder: args.storage.folder }, async (spool) => {
    const file = join(spool, `${name}.zip`);
    const runbook = present([
      sideBySide("Try the places", tried),
      inOrder("Fetch the snapshot", [deed("fetch it from where it is", () => fetchInto(file, options))]),
      sideBySide(
        "Store the snapshot",
        shelves.map((shelf) => [storeOn(shelf, () => ({ file, sizeBytes, sha256 }), onStored)]),
      ),
    ]);
    return execute(runbook, context).then(
      () => undefined,
      (error: unknown) => error,
    );
  });
}

/** Takes the first copy that is what was stored. Those that cost nothing to fetch come first. */
async function fetchInto(file: string, { operation, state, sources }: CopyOptions): Promise<"changed"> {
  const { run } = operation;
  const reasons: string[] = [];
  for (const [index, shelf] of cheapestFirst(sources).entries()) {
    const attempt = `${file}.${index}`;
    const reason = await fetchFrom(shelf, { file: attempt, state }).catch((error: unknown) => {
      run.signal.throwIfAborted();
      return error instanceof RkeError ? error.detail.because : String(error);
    });
    if (reason === undefined) {
      await rename(attempt, file);
      return "changed";
    }
    reasons.push(`\n  ${placeOf(shelf.location)}: ${reason}`);
  }
  throw new RkeError("storage", {
    doing: `fetch the snapshot ${state.name}`,
    because: reasons.length === 0 ? "no copy of it is left" : `no copy of it can be used${reasons.join("")}`,
    hint: "Run pulumi refresh to see which copies are left: when none is, the next pulumi up takes another snapshot",
  });
}

/** Why a copy is of no use; undefined when it is in the file. */
async function fetchFrom(
  shelf: Shelf,
  { file, state }: { readonly file: string; readonly state: BackupState },
): Promise<string | undefined> {
  if (!(await shelf.fetch(file))) return "there is no such file";
  return (await sha256OfFile(file)) === state.sha256
    ? undefined
    : "it is not what was stored: its checksum is another one";
}

const cheapestFirst = (shelves: readonly Shelf[]): readonly Shelf[] => {
  const order = ["folder", "s3", "node"];
  return shelves.toSorted((a, b) => order.indexOf(a.location.kind) - order.indexOf(b.location.kind));
};

/** A machine that does not answer gets its copy when it is back, if it was to have one before. */
async function reachable(
  missing: readonly BackupLocation[],
  { context }: Pick<BackupOperation, "context">,
): Promise<readonly BackupLocation[]> {
  const found = await Promise.all(
    missing.map(async (location) => {
      const silence = location.kind === "node" ? await whySilent(location.address, context) : undefined;
      if (silence === undefined || location.kind !== "node") return [location];
      context.emit({ kind: "notice", text: `${location.node} gets no copy, because it does not answer: ${silence}` });
      return [];
    }),
  );
  return found.flat();
}

/** Does with copies that are not wanted any more what is to become of them. Returns those that could not be deleted, and why. */
async function letGo(
  { leaving }: CopyPlan,
  { operation: { args, access, context }, before }: { operation: BackupOperation; before: BackupArguments },
): Promise<{ readonly left: readonly BackupLocation[]; readonly failure: unknown }> {
  if (args.retain !== "delete") {
    for (const location of leaving)
      context.emit({ kind: "notice", text: `${placeOf(location)} stays, as retain says` });
    return { left: [], failure: undefined };
  }
  return removeCopies(leaving, { access, context, s3: before.storage.s3 });
}
