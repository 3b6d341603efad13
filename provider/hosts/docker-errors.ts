import { RkeError } from "../errors.ts";
import { isConnectionLoss } from "./http.ts";

/** An answer of the engine that is not a success. */
export interface DockerAnswer {
  readonly status: number;
  readonly message: string;
}

/** What went wrong between us and the engine, in the words of the deed. */
export function dockerFailure(error: unknown, { doing, node }: { doing: string; node: string }): unknown {
  if (error instanceof RkeError) return error;
  if (!(error instanceof Error) || error.name === "AbortError") return error;
  return new RkeError(
    "docker",
    {
      doing,
      node,
      because: `the connection to Docker broke: "${error.message}"`,
      hint: "Check whether Docker was restarted on the machine; the next run goes on from here",
    },
    { cause: error, transient: isConnectionLoss(error) },
  );
}

/** What the engine answered, in the words of the deed. */
export function dockerRefusal(answer: DockerAnswer, { doing, node }: { doing: string; node: string }): RkeError {
  const because = `Docker answered ${answer.status}: "${answer.message}"`;
  const hint = HINTS.find(({ pattern }) => pattern.test(answer.message))?.hint;
  const transient = answer.status >= 500 && !LASTING.some((pattern) => pattern.test(answer.message));
  return new RkeError("docker", { doing, node, because, ...(hint === undefined ? {} : { hint }) }, { transient });
}

/** What a registry, or the engine on its behalf, said to a pull. */
export function pullRefusal(message: string, { doing, node }: { doing: string; node: string }): RkeError {
  const hint = [...PULL_HINTS, ...HINTS].find(({ pattern }) => pattern.test(message))?.hint;
  return new RkeError(
    /no space left/i.test(message) ? "docker" : "registry",
    { doing, node, because: `"${message}"`, ...(hint === undefined ? {} : { hint }) },
    { transient: PASSING.some((pattern) => pattern.test(message)) },
  );
}

interface Hint {
  readonly pattern: RegExp;
  readonly hint: string;
}

const HINTS: readonly Hint[] = [
  { pattern: /no space left/i, hint: "Free disk space on the machine (docker system df shows what Docker uses)" },
  {
    pattern: /address already in use|port is already allocated/i,
    hint: "Find out what listens on that port on the machine (ss -ltnp) and stop it",
  },
];

const PULL_HINTS: readonly Hint[] = [
  {
    pattern: /pull rate limit|toomanyrequests/i,
    hint: "Log in to the registry with privateRegistries, use a mirror, or wait until the limit is over",
  },
  {
    pattern: /unauthorized|denied|no basic auth|authentication required/i,
    hint: "Check the credentials in privateRegistries, and that they may read this image",
  },
  {
    pattern: /manifest unknown|not found|no matching manifest/i,
    hint: "Check the name and tag of the image, and that the registry has it for this platform",
  },
  {
    pattern: /x509|certificate/i,
    hint: "Give Docker on the machine the CA of the registry (/etc/docker/certs.d), then run pulumi up again",
  },
  {
    pattern: /no such host|i\/o timeout|timeout|connection refused|no route to host/i,
    hint: "Check that the machine reaches the registry: name server, proxy, firewall",
  },
];

/** Failures of a container or a machine that the engine reports as its own, with 500: another try ends the same way. */
const LASTING: readonly RegExp[] = [
  /no space left/i,
  /address already in use|port is already allocated/i,
  /OCI runtime|executable file not found|no such file or directory|permission denied/i,
  /invalid mount|not a directory|is a directory/i,
];

const PASSING: readonly RegExp[] = [
  /timeout|timed out|deadline exceeded|request canceled/i,
  /connection re(set|fused)|broken pipe|no route to host|network is unreachable/i,
  /temporary failure|server misbehaving|unexpected EOF|\bEOF\b/i,
  /unexpected (HTTP )?status[^0-9]*5\d\d|\b50[0234] |internal server error|bad gateway|service unavailable/i,
];
