import { RkeError } from "../errors.ts";
import type { Probe } from "../execute/wait.ts";

/** A workload, or a part of the API that one answers for, as the API server has it, with what its controller says of it. */
export interface Workload {
  readonly kind: string;
  readonly metadata: { readonly generation?: number };
  readonly spec?: {
    readonly replicas?: number;
    readonly updateStrategy?: { readonly type?: string };
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/**
 * Whether the pods of a workload are those that are wanted, and run, or what they answer is asked. `silentNodes` is how many nodes nobody hears of: what
 * should run there is not waited for.
 */
export function rolloutOf(workload: Workload, { silentNodes }: { silentNodes: number }): Probe<undefined> {
  const judge = judges[workload.kind];
  if (judge === undefined) return arrived;
  if (isObserved.has(workload.kind) && count(workload, "observedGeneration") < (workload.metadata.generation ?? 0)) {
    return notYet("its controller has not seen the change");
  }
  return judge(workload, silentNodes);
}

const arrived: Probe<undefined> = { done: true, value: undefined };
const notYet = (lastAnswer: string): Probe<undefined> => ({ done: false, lastAnswer });

/** Whose controllers tell which change they have seen. */
const isObserved = new Set(["DaemonSet", "Deployment"]);

const judges: Readonly<Record<string, (workload: Workload, silentNodes: number) => Probe<undefined>>> = {
  APIService: apiService,
  DaemonSet: daemonSet,
  Deployment: deployment,
  Job: job,
};

/** As long as one is not available, no namespace can be deleted and no garbage is collected. */
function apiService(workload: Workload): Probe<undefined> {
  const available = conditionsOf(workload).find(({ type }) => type === "Available");
  if (available?.status === "True") return arrived;
  const why = [available?.reason, available?.message].filter(Boolean).join(": ");
  return notYet(`API servers cannot ask it${why === "" ? "" : `, ${why}`}`);
}

function daemonSet(workload: Workload, silentNodes: number): Probe<undefined> {
  // Its pods are replaced when somebody deletes them.
  if (workload.spec?.updateStrategy?.type === "OnDelete") return arrived;
  const wanted = count(workload, "desiredNumberScheduled");
  const updated = count(workload, "updatedNumberScheduled");
  const available = count(workload, "numberAvailable");
  if (Math.min(updated, available) >= wanted - silentNodes) return arrived;
  return notYet(`of ${wanted} pods ${updated} are as wanted and ${available} run`);
}

function deployment(workload: Workload): Probe<undefined> {
  const wanted = workload.spec?.replicas ?? 1;
  const updated = count(workload, "updatedReplicas");
  const available = count(workload, "availableReplicas");
  const old = count(workload, "replicas") - updated;
  if (updated >= wanted && available >= wanted && old <= 0) return arrived;
  const why = conditionsOf(workload).find(
    ({ type, status }) => type === "ReplicaFailure" && status === "True",
  )?.message;
  // One that is not replaced yet runs as well, and would be taken for the new one.
  const left = old > 0 ? `, ${old} from before not replaced` : "";
  return notYet(
    `of ${wanted} pods ${updated} are as wanted and ${available} run${left}${why === undefined ? "" : `; ${why}`}`,
  );
}

function job(workload: Workload): Probe<undefined> {
  const holds = (wanted: string) =>
    conditionsOf(workload).find(({ type, status }) => type === wanted && status === "True");
  const failed = holds("Failed");
  if (failed !== undefined) {
    throw new RkeError("kube", {
      doing: "wait for the job",
      because: failed.message ?? "it has failed",
      hint: "See the logs of its pods: kubectl logs --selector job-name=…",
    });
  }
  return holds("Complete") === undefined ? notYet("it has not ended") : arrived;
}

const count = ({ status }: Workload, key: string): number => (typeof status?.[key] === "number" ? status[key] : 0);

const conditionsOf = ({ status }: Workload): readonly Condition[] =>
  Array.isArray(status?.conditions) ? (status.conditions as readonly Condition[]) : [];
