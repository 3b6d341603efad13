import { RkeError } from "../errors.ts";
import { KUBE_ADMIN } from "../pki/names.ts";
import { printRunbook } from "../reconcile/print.ts";
import { readClusterState } from "../state/cluster-state.ts";
import { nothingSeen, withExpectedNodes } from "./assumed-facts.ts";
import { backupNotices } from "./backup-notices.ts";
import {
  certificatesOf,
  namesIn,
  paperKeys,
  planningPart,
  type WantedCluster,
  wantedCluster,
} from "./cluster-operation.ts";
import { expiryNotices } from "./expiry-notices.ts";
import type { Properties, Surroundings } from "./handler.ts";
import { readLocalIncludes } from "./includes.ts";
import { previewNotices, previewUp } from "./operation.ts";
import { type ParsedInputs, parseInputs } from "./parsed-inputs.ts";

export interface PreviewTexts {
  /** What an update would do, by what was last seen; undefined when that is nothing. */
  readonly plan: string | undefined;
  /** What should be known whatever an update does. */
  readonly notices: readonly string[];
}

/** Judges by what was seen last, and opens no connection. */
export async function previewTexts(
  olds: Properties,
  news: Properties,
  { parsed, surroundings }: { parsed: ParsedInputs; surroundings: Surroundings },
): Promise<PreviewTexts> {
  const keys = paperKeys(surroundings.keys);
  const state = readClusterState(olds);
  const wanted = await wantedCluster(news, state, { ...surroundings, keys, parsed });
  const isOurs = (name: string) => name !== KUBE_ADMIN;
  const expiring = expiryNotices(certificatesOf(state), { now: surroundings.clock(), isOurs });
  const notices = [...expiring, ...missingBackups(wanted, olds), ...restoreWords(wanted)];
  return { plan: await planText(wanted), notices };
}

function restoreWords(wanted: WantedCluster): readonly string[] {
  const facts = withExpectedNodes(wanted.config, wanted.state?.facts ?? nothingSeen);
  return previewNotices(planningPart(wanted), facts, { nameAt: namesIn(wanted), known: wanted.restore });
}

/** Judged by what is wanted and by what was wanted so far: what this update asks for, nobody could have done yet. */
function missingBackups({ config, state }: WantedCluster, olds: Properties): readonly string[] {
  const notices = backupNotices(config, state?.facts);
  const before = notices.length === 0 ? undefined : parseInputs(olds);
  return before?.ok && backupNotices(before.config, state?.facts).length === 0 ? [] : notices;
}

async function planText(wanted: WantedCluster): Promise<string | undefined> {
  const { config } = wanted;
  const facts = withExpectedNodes(config, wanted.state?.facts ?? nothingSeen);
  try {
    const includes = await readLocalIncludes(config);
    const { runbook, isAll } = previewUp({ ...planningPart(wanted), includes }, facts);
    if (runbook.length === 0) return undefined;
    const text = printRunbook(runbook, { nameOf: namesIn(wanted) });
    return isAll ? text : `${text}\nThen the rest, by what is found\n`;
  } catch (error) {
    // What was seen last may have passed: whether it stands in the way is for the update to say, which looks again.
    if (!(error instanceof RkeError) || error.code !== "unsafe") throw error;
    return `warning: by what was seen last, an update will be refused. ${error.message}`;
  }
}

const mostLines = 100;

/** The lines of a plan, as far as anybody reads them. */
export function shortened(text: string): readonly string[] {
  if (text === "") return [];
  const lines = text.trimEnd().split("\n");
  const rest = lines.length - mostLines;
  return rest > 0 ? [...lines.slice(0, mostLines), `… and ${rest} more lines`] : lines;
}
