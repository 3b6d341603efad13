import { RkeError } from "../errors.ts";
import { withDeadline } from "../execute/deadline.ts";
import type { Listener } from "../progress.ts";
import { progressPrinter } from "../progress-printer.ts";
import { redact, redactor, type Secret } from "../secrets.ts";
import type { Call, Properties, Surroundings } from "./handler.ts";
import { openLogFile } from "./log-file.ts";
import { storable } from "./properties.ts";
import { statusListener } from "./status-row.ts";

export interface RunOptions {
  /** What the run is for: the name of the cluster or of the machine. Begins every line. */
  readonly subject: string;
  /** Reads after "Cannot" when the time is up: `update the cluster`. */
  readonly doing: string;
  readonly limitMs: number;
  readonly nameOf?: (address: string) => string;
  readonly nodeCount?: number;
  readonly secrets?: Iterable<Secret<string>>;
  /** The row of the resource in Pulumi's display, where it is known. */
  readonly urn?: string | undefined;
}

export interface Run {
  /** Ends with the deadline, with the caller's patience, and when the process is told to stop. */
  readonly signal: AbortSignal;
  readonly emit: Listener;
  /** Tells a person something, in whole lines that begin with the subject. */
  readonly say: (text: string) => void;
  /** Notes that something may have been done to a machine. A step that starts does so by itself. */
  begin(): void;
  /** Whether anything may have been done to a machine yet. */
  hasBegun(): boolean;
}

/** One call of Pulumi's that takes time: with a deadline, an end by SIGINT, and lines for people and for a log file. */
export async function withRun<T>(
  options: RunOptions,
  { surroundings, signal, log = surroundings.log }: { surroundings: Surroundings } & Call,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const { subject, doing, limitMs, nameOf = (address) => address, nodeCount = 1 } = options;
  const secrets = [...(options.secrets ?? [])];
  const clean = redactor(secrets);
  const { clock } = surroundings;
  const stopped = new AbortController();
  const stop = (): void => stopped.abort(interrupted(doing));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const given = signal === undefined ? [stopped.signal] : [stopped.signal, signal];
  const file = openLogFile({ folder: surroundings.logFolder, title: `${subject}-${doing}`, clock });
  const show = options.urn === undefined ? undefined : surroundings.rows(options.urn);
  const showStatus = show === undefined ? undefined : statusListener({ show, nameOf, clock, secrets });
  const print = progressPrinter({ cluster: subject, nameOf, write: log, clock, secrets, nodeCount });
  const record = progressPrinter({
    cluster: subject,
    nameOf,
    write: file.write,
    clock,
    secrets,
    nodeCount: 1,
    isComplete: true,
  });
  let begun = false;
  try {
    const result = await work({
      signal: withDeadline(AbortSignal.any(given), limitMs, doing),
      emit: (event) => {
        begun ||= event.kind === "step-started";
        print(event);
        record(event);
        showStatus?.(event);
      },
      say: (text) => {
        for (const line of clean(text).trimEnd().split("\n")) {
          log(`${subject}  ${line}`);
          file.write(`${subject}  ${line}`);
        }
      },
      begin: () => {
        begun = true;
      },
      hasBegun: () => begun,
    });
    show?.("done");
    return result;
  } catch (error) {
    for (const reason of reasonsOf(error)) file.write(clean(reason));
    if (file.path !== undefined) log(`${subject}  the log of this run: ${file.path}`);
    throw error;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    file.close();
  }
}

/**
 * Something was done and not all of it. Pulumi saves `properties` as the state, and goes on from there the next time,
 * also when the program has not changed. Without `__provider` in it that state could not even be deleted.
 */
export class PartlyDone extends Error {
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: string[];

  constructor(cause: unknown, { id, state, inputs }: { id: string; state: object; inputs: Properties }) {
    const reasons = reasonsOf(cause).map((reason) => redact(reason));
    super(reasons.join("\n"), { cause });
    this.name = "PartlyDone";
    this.id = id;
    this.properties = storable({ ...state, __provider: inputs.__provider });
    this.reasons = reasons;
  }
}

/** An error in lines for people: one for each node that failed. */
export function reasonsOf(error: unknown): string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(reasonsOf);
  if (error instanceof RkeError) return [error.message];
  return [error instanceof Error ? `${error.name}: ${error.message}` : String(error)];
}

const interrupted = (doing: string): RkeError =>
  new RkeError("cancelled", {
    doing,
    because: "the run was stopped",
    hint: "Run pulumi up again: it goes on from what it finds on the machines",
  });
