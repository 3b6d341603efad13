import { hasUnknown } from "../config/unknowns.ts";
import { RkeError } from "../errors.ts";
import { type BackupLocation, type BackupState, readBackupState } from "../state/backup-state.ts";
import { accessIn } from "./backup-access.ts";
import { adjustCopies } from "./backup-copies.ts";
import { backupArgs, backupFailures, backupOutputs, reasonsToTakeAnew } from "./backup-inputs.ts";
import { placeOf, planCopies } from "./backup-locations.ts";
import { type BackupOperation, whySilent, withBackup } from "./backup-operation.ts";
import { previewLines, storageWarning, summary } from "./backup-preview.ts";
import { removeCopies } from "./backup-removal.ts";
import { type Seen, shelfAt } from "./backup-shelf.ts";
import { takeSnapshot } from "./backup-take.ts";
import type { Handler, Properties, Surroundings } from "./handler.ts";
import { changedInputs, storable, textAt } from "./properties.ts";
import { PartlyDone } from "./run.ts";

/** EtcdBackup: one snapshot of a cluster's etcd, and the copies of it. */
export function backupHandler(surroundings: Surroundings): Handler {
  const { calls } = surroundings;
  return {
    async check({ olds, news, log = surroundings.log }) {
      const { inputs, call } = calls.take(news);
      calls.keep(inputs, call);
      const failures = backupFailures(olds, inputs);
      const warning = failures.length === 0 && call?.isPreview === true ? storageWarning(inputs) : undefined;
      if (warning !== undefined) log(`${nameIn(inputs)}  ${warning}`);
      return { inputs, failures };
    },

    async diff({ olds, news, preview = calls.of(news)?.isPreview ?? false, log = surroundings.log }) {
      const replaces = [...reasonsToTakeAnew(olds, news)];
      const lines = preview ? previewLines(olds, news, replaces) : [];
      for (const line of lines) log(`${nameIn(news)}  ${line}`);
      if (replaces.length > 0) return { changes: true, replaces };
      return { changes: isChanged(olds, news) };
    },

    async create({ news, ...call }) {
      const options = { doing: "take the snapshot", verb: "create", surroundings, ...call } as const;
      return withBackup(news, options, async (operation) => {
        const { state, failure } = await takeSnapshot(operation);
        const outs = outsOf(news, state);
        if (failure !== undefined) throw new PartlyDone(failure, { id: state.name, state: outs, inputs: news });
        operation.run.say(summary(state));
        return { id: state.name, outs };
      });
    },

    async read({ id, olds: known, ...call }) {
      const { inputs: olds } = calls.take(known);
      const state = readBackupState(olds);
      const options = { doing: "look for the snapshot", verb: "read", surroundings, ...call } as const;
      return withBackup(olds, options, async (operation) => {
        const found = await Promise.all(state.locations.map((copy) => lookAt(copy, { state, operation })));
        const locations = state.locations.filter((_, index) => found[index]);
        if (locations.length === 0) return { id: "", props: {} };
        return { id, props: locations.length === state.locations.length ? olds : storable({ ...olds, locations }) };
      });
    },

    async update({ id, olds, news, ...call }) {
      const state = readBackupState(olds);
      const { leaving, missing } = planCopies(state, { args: backupArgs(news), access: accessIn(news) });
      if (leaving.length + missing.length === 0) return { outs: outsOf(news, state) };
      const options = { doing: "update the copies of the snapshot", verb: "update", surroundings, ...call } as const;
      return withBackup(news, options, async (operation) => {
        const { failure, ...copies } = await adjustCopies(operation, { state, before: backupArgs(olds) });
        const outs = outsOf(news, { ...state, ...copies });
        if (failure === undefined) return { outs };
        // What is still to be deleted is reached as it was before.
        const former = { storage: olds.storage, secrets: olds.secrets };
        throw new PartlyDone(failure, { id, state: { ...outs, ...former }, inputs: news });
      });
    },

    async delete({ olds, ...call }) {
      const { locations } = readBackupState(olds);
      if (olds.retain !== "delete") {
        const log = call.log ?? surroundings.log;
        for (const copy of locations) log(`${nameIn(olds)}  ${placeOf(copy)} stays, as retain says`);
        return;
      }
      const options = { doing: "delete the snapshot", verb: "delete", surroundings, ...call } as const;
      await withBackup(olds, options, async ({ access, args, context }) => {
        const { failure } = await removeCopies(locations, { access, context, s3: args.storage.s3 });
        if (failure !== undefined) throw failure;
      });
    },
  };
}

const nameIn = (inputs: Properties): string => textAt(inputs, "resourceName") ?? "backup";

/** The state of the cluster is needed when a snapshot is taken, and is then in the snapshot: no second copy of it here. */
function outsOf({ rkeState: _, ...inputs }: Properties, state: BackupState): Properties {
  return storable({ ...inputs, ...state });
}

/** Whether there is something to be done, or to be remembered. What is not known yet because the cluster changes is neither. */
function isChanged(olds: Properties, news: Properties): boolean {
  const quiet = ["rkeState", ...(hasUnknown(news.access) ? ["access"] : [])];
  const changed = changedInputs(olds, news, { outputs: backupOutputs }).filter((name) => !quiet.includes(name));
  if (changed.length > 0) return true;
  const access = accessIn(hasUnknown(news.access) ? olds : news);
  const { leaving, missing } = planCopies(readBackupState(olds), { args: backupArgs(news), access });
  return leaving.length + missing.length > 0;
}

interface LookOptions {
  readonly state: BackupState;
  readonly operation: BackupOperation;
}

/** Whether a copy is there and what was stored. One that cannot be asked for counts as there. */
async function lookAt(copy: BackupLocation, { state, operation }: LookOptions): Promise<boolean> {
  const { access, args, context, run } = operation;
  const place = placeOf(copy);
  if (copy.kind === "node") {
    if (!access.nodes.some(({ address }) => address === copy.address)) {
      run.say(`${place} does not count any more: the machine has left etcd`);
      return false;
    }
    const silence = await whySilent(copy.address, context);
    if (silence !== undefined) {
      run.say(`${place} could not be looked at: ${silence}`);
      return true;
    }
  }
  try {
    const seen = await shelfAt(copy, { access, context, s3: args.storage.s3 }).look();
    if (isAsStored(seen, state)) return true;
    run.say(seen === undefined ? `${place} is gone` : `${place} is not what was stored there`);
    return false;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof RkeError)) throw error;
    run.say(`${place} could not be looked at: ${error.detail.because}`);
    return true;
  }
}

const isAsStored = (seen: Seen | undefined, { sizeBytes, sha256 }: BackupState): boolean =>
  seen !== undefined && seen.sizeBytes === sizeBytes && (seen.sha256 === undefined || seen.sha256 === sha256);
