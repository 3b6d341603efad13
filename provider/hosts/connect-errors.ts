import { RkeError } from "../errors.ts";

/** Where and as whom a connection was tried, for the words of its errors. */
export interface Attempt {
  /** The machine as people know it: `node-2 (10.0.0.12)`. */
  readonly machine: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly handshakeTimeoutMs: number;
}

/** The name did not resolve, or no TCP connection came about. */
export function tcpError(attempt: Attempt, cause: NodeJS.ErrnoException): RkeError {
  const { host, port } = attempt;
  const code = cause.code ?? "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EAI_FAIL") {
    return connectError(attempt, {
      because: `the name "${host}" does not resolve (${code})`,
      hint: "Check the address of the node, and the name server of the machine that runs Pulumi",
      cause,
      transient: code === "EAI_AGAIN",
    });
  }
  if (code === "ECONNREFUSED") {
    return connectError(attempt, {
      because: `nothing listens on port ${port} (ECONNREFUSED)`,
      hint: "Check that sshd runs there and that the port is right; a machine that is just starting needs a moment",
      cause,
      transient: true,
    });
  }
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH" || code === "EADDRNOTAVAIL") {
    return connectError(attempt, {
      because: `there is no route to ${host} (${code})`,
      hint: "Check that the machine is up, and that this network reaches it; private addresses need a bastion",
      cause,
      transient: true,
    });
  }
  if (code === "ETIMEDOUT") return tcpTimeout(attempt);
  return connectError(attempt, { because: `the connection failed: "${cause.message}"`, cause, transient: true });
}

/** Packets to the port vanish. */
export function tcpTimeout(attempt: Attempt): RkeError {
  return connectError(attempt, {
    because: `port ${attempt.port} did not answer within ${seconds(attempt)}`,
    hint: "Check that the machine is up, and that no firewall drops connections from the machine that runs Pulumi",
    transient: true,
  });
}

/** Somebody opened the port and said nothing, or the handshake stopped in the middle. */
export function handshakeTimeout(attempt: Attempt, { greeted }: { greeted: boolean }): RkeError {
  return connectError(attempt, {
    because: greeted
      ? `the SSH handshake did not finish within ${seconds(attempt)}`
      : `port ${attempt.port} is open, but no SSH server greeted within ${seconds(attempt)}`,
    hint: "Check the load of the machine and that sshd listens on this port",
    transient: true,
  });
}

/** Something answered, and it is not SSH. */
export function notSsh(attempt: Attempt, firstWords: string): RkeError {
  return connectError(attempt, {
    because: `port ${attempt.port} does not speak SSH, it says "${firstWords}"`,
    hint: "Check the port",
  });
}

/** sshd hung up before it said a word. */
export function closedEarly(attempt: Attempt, cause: Error): RkeError {
  return connectError(attempt, {
    because: `port ${attempt.port} closed the connection before the SSH handshake was done`,
    hint: "sshd does so when too many connections start at once (MaxStartups) or when it has banned this address",
    cause,
    transient: true,
  });
}

/** The two sides know no common algorithm. */
export function noCommonAlgorithm(attempt: Attempt, cause: Error): RkeError {
  return connectError(attempt, {
    because: `the two sides share no algorithm: "${cause.message}"`,
    hint: "Update sshd, or allow a current algorithm in its sshd_config (KexAlgorithms, Ciphers, HostKeyAlgorithms)",
    cause,
  });
}

/** The machine is another one than it was, or somebody stands in between. */
export function hostKeyMismatch(attempt: Attempt, { shown, expected }: { shown: string; expected: string }): RkeError {
  return connectError(attempt, {
    because: `it shows the host key ${shown} and ${expected} was expected`,
    hint:
      "Somebody may be listening in. If the machine was reinstalled, compare the key on its console " +
      "(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) and set it as the hostKey of this connection",
  });
}

/** All that could be offered was offered. */
export function authenticationRefused(
  attempt: Attempt,
  { offered, accepted }: { offered: readonly string[]; accepted: readonly string[] },
): RkeError {
  return connectError(attempt, {
    because:
      `user "${attempt.user}" was refused with ${offered.join(", then ")}` +
      (accepted.length === 0 ? "" : ` (the server takes ${accepted.join(", ")})`),
    hint: `Check the user name, and that the public key is in ~${attempt.user}/.ssh/authorized_keys on the machine`,
  });
}

/** The agent that should hold the keys is not there. */
export function agentSilent(attempt: Attempt, { path, cause }: { path: string; cause: Error }): RkeError {
  return connectError(attempt, {
    because: `the SSH agent at ${path} does not answer ("${cause.message}")`,
    hint: "Check that an agent runs where Pulumi runs and holds a key (ssh-add -l), and that agentSocketPath is its socket",
    cause,
  });
}

/** The bastion answered, and did not let us through. */
export function bastionRefused(
  attempt: Attempt,
  { text, prohibited }: { text: string; prohibited: boolean },
): RkeError {
  return connectError(attempt, {
    because: prohibited
      ? `the bastion does not forward connections ("${text}")`
      : `the bastion could not reach ${attempt.host} port ${attempt.port} ("${text}")`,
    hint: prohibited
      ? "Set AllowTcpForwarding yes in the sshd_config of the bastion, and check PermitOpen"
      : "Check that the machine is up, and that the bastion reaches it at this address",
    transient: !prohibited,
  });
}

/** One of the errors above, or one that only its place of origin knows. */
export function connectError(
  { machine }: Pick<Attempt, "machine">,
  { because, hint, cause, transient = false }: { because: string; hint?: string; cause?: unknown; transient?: boolean },
): RkeError {
  return new RkeError(
    "ssh",
    { doing: "open an SSH connection", node: machine, because, ...(hint === undefined ? {} : { hint }) },
    { cause, transient },
  );
}

function seconds({ handshakeTimeoutMs }: Attempt): string {
  return `${handshakeTimeoutMs / 1000} s`;
}
