import { RkeError } from "../errors.ts";
import type { Kube } from "../hosts/kube.ts";
import type { Context } from "./context.ts";
import { withDeadline } from "./deadline.ts";

type Asked = Pick<Kube, "readyz" | "request">;

interface ApiServerOptions<K extends Asked> extends Pick<Context, "clock" | "signal" | "nameOf"> {
  /** Addresses of the control plane nodes. */
  readonly addresses: readonly string[];
  readonly kubeOn: (address: string) => K;
}

/**
 * Finds an API server that is ready: the one that was last time if it still is, else whichever says so first. An answer
 * is good for a moment only, so a caller that tries again after a failure is led to another one.
 */
export function anyApiServer<K extends Asked>({
  addresses,
  kubeOn,
  clock,
  signal,
  nameOf,
}: ApiServerOptions<K>): () => Promise<K> {
  let preferred = addresses[0];
  let lastReadyMs = Number.NEGATIVE_INFINITY;
  let search: Promise<K> | undefined;

  const ask = async (address: string): Promise<string> => {
    await mustBeReady(kubeOn(address), withDeadline(signal, ANSWER_LIMIT_MS, "ask the API server for its health"));
    return address;
  };
  const find = async (): Promise<K> => {
    if (preferred === undefined) throw noControlPlane();
    const first = preferred;
    try {
      preferred = await ask(first).catch((error: unknown) => {
        signal.throwIfAborted();
        const others = addresses.filter((address) => address !== first);
        return Promise.any([Promise.reject(error), ...others.map(ask)]);
      });
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof AggregateError ? noneReady(error, { addresses, first, nameOf }) : error;
    }
    lastReadyMs = clock().getTime();
    return kubeOn(preferred);
  };
  return async () => {
    if (preferred !== undefined && clock().getTime() - lastReadyMs < GOOD_FOR_MS) return kubeOn(preferred);
    search ??= find().finally(() => {
      search = undefined;
    });
    return search;
  };
}

const ANSWER_LIMIT_MS = 5000;
const GOOD_FOR_MS = 1000;

async function mustBeReady(kube: Asked, signal: AbortSignal): Promise<void> {
  const { ready, answer } = await kube.readyz({ signal });
  if (ready) return;
  // Kubernetes before 1.16 does not know /readyz; /healthz is what it had before.
  if (/not found/i.test(answer)) await kube.request("GET", "/healthz", { doing: "ask for its health", signal });
  else throw new RkeError("kube", { doing: "use the API server", because: `"${whatFails(answer)}"` });
}

/** Of the list of checks those that fail: `[-]etcd failed: reason withheld`. */
function whatFails(answer: string): string {
  const failing = answer.split("\n").filter((line) => line.startsWith("[-]"));
  return (failing.length > 0 ? failing.join(", ") : answer).slice(0, 200);
}

function noneReady(
  { errors }: AggregateError,
  { addresses, first, nameOf }: { addresses: readonly string[]; first: string; nameOf: (address: string) => string },
): RkeError {
  const asked = [first, ...addresses.filter((address) => address !== first)];
  const answers = errors.map((error, at) => {
    const said = error instanceof RkeError ? error.detail.because : String(error);
    return `${nameOf(asked[at] ?? "")}: ${said}`;
  });
  return new RkeError(
    "kube",
    {
      doing: "find an API server that is ready",
      because: answers.join("; "),
      hint: 'See what "docker logs kube-apiserver" says on one of these machines',
    },
    { cause: errors[0], transient: true },
  );
}

const noControlPlane = (): RkeError =>
  new RkeError("internal", { doing: "find an API server", because: "no node of the plan is a control plane" });
