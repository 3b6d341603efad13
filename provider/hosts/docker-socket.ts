import type { Duplex } from "node:stream";

import { RkeError } from "../errors.ts";
import type { CommandEnd, SshConnection } from "./ssh-connection.ts";
import { Tunnel } from "./tunnel.ts";

export const DEFAULT_DOCKER_SOCKET = "/var/run/docker.sock";

/** Enough for everything that happens on one machine at once, long waits and logs included. */
const FORWARDED_CHANNELS = 24;

/** Commands share sshd's MaxSessions, and one session is kept for others. */
const COMMAND_CHANNELS = 7;

/**
 * A tunnel to the Docker socket of a machine: forwarded by sshd, or carried by `docker system dial-stdio` where sshd
 * does not forward. OpenSSH gives the same short answer for "not allowed", "no such socket" and "permission denied", so
 * the command is also what finds out the reason.
 */
export function dockerTunnel(
  connect: () => Promise<SshConnection>,
  { socketPath = DEFAULT_DOCKER_SOCKET }: { socketPath?: string | undefined } = {},
): Tunnel {
  let way: "unknown" | "forwarded" | "command" = "unknown";
  const tunnel = new Tunnel(open, { maxChannels: COMMAND_CHANNELS });

  async function open(): Promise<Duplex> {
    const ssh = await connect();
    if (way === "command") return dialStdio(ssh, { socketPath });
    const opening = await ssh.openUnixSocket(socketPath);
    if (opening.status === "refused") return dialStdio(ssh, { socketPath, forwarding: opening.text, proved });
    way = "forwarded";
    tunnel.maxSockets = FORWARDED_CHANNELS;
    return opening.stream;
  }

  // Only when it was refused from the start: a socket that was forwarded before is gone for a moment, not forbidden.
  function proved(): void {
    if (way === "unknown") way = "command";
  }

  return tunnel;
}

interface DialStdio {
  readonly socketPath: string;
  /** What sshd said when it was asked to forward. */
  readonly forwarding?: string;
  /** Called once Docker has answered on this way. */
  readonly proved?: () => void;
}

async function dialStdio(ssh: SshConnection, { socketPath, forwarding, proved }: DialStdio): Promise<Duplex> {
  const host = socketPath === DEFAULT_DOCKER_SOCKET ? "" : `-H ${quoted(`unix://${socketPath}`)} `;
  const { stream } = await ssh.run(`docker ${host}system dial-stdio`, {
    verdict: (end) => (end.code === 0 ? undefined : socketError(ssh, { end, socketPath, forwarding })),
  });
  // Not `once`, which would start the stream before HTTP listens.
  if (proved !== undefined) stream.prependOnceListener("data", proved);
  return stream;
}

function socketError(
  { machine, user }: SshConnection,
  { end, socketPath, forwarding }: { end: CommandEnd; socketPath: string; forwarding: string | undefined },
): RkeError {
  const doing = "reach Docker";
  const said = end.stderr === "" ? `exit code ${end.code}` : lastLine(end.stderr);
  if (/permission denied/i.test(end.stderr)) {
    return new RkeError("docker", {
      doing,
      node: machine,
      because: `user "${user}" may not open ${socketPath}: "${said}"`,
      hint: `Add the user to the docker group on the machine (usermod -aG docker ${user}), then run pulumi up again`,
    });
  }
  if (end.code === 127 || /not found|not a docker command/i.test(end.stderr)) {
    return new RkeError("docker", {
      doing,
      node: machine,
      because: `sshd does not forward ${socketPath} ("${forwarding ?? "open failed"}") and Docker's command does not help out: "${said}"`,
      hint: "Install Docker on the machine, or set AllowStreamLocalForwarding yes in its sshd_config",
    });
  }
  return new RkeError(
    "docker",
    {
      doing,
      node: machine,
      because: `nothing answers at ${socketPath}: "${said}"`,
      hint: "Check that Docker is installed and running (systemctl status docker) and that dockerSocket is right",
    },
    { transient: true },
  );
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
