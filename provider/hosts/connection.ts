import type { Secret } from "../secrets.ts";

/** How a machine is reached. One set of credentials is enough; with several, the key is offered before the agent. */
export interface Connection {
  /** Name or address, as seen from the machine that runs Pulumi or, with a proxy, from the proxy. */
  readonly host: string;
  /** Port of sshd. */
  readonly port: number;
  readonly user: string;
  /** The private key itself, not its path: PEM or OpenSSH's format. */
  readonly privateKey?: Secret<string>;
  readonly privateKeyPassphrase?: Secret<string>;
  /** An OpenSSH user certificate for the private key: the line in `id_ed25519-cert.pub`. */
  readonly certificate?: string;
  /** Socket of an SSH agent, such as the value of SSH_AUTH_SOCK. */
  readonly agentSocketPath?: string;
  /**
   * The key that the server must show: `ssh-ed25519 AAAA…`, or its fingerprint `SHA256:…`.
   * Unset means first contact: the key is accepted, and returned so that it can be kept.
   */
  readonly hostKey?: string;
  /** A machine to go through, with its own credentials. */
  readonly proxy?: Connection;
  /** Where Docker listens on the machine; `/var/run/docker.sock` when unset. */
  readonly dockerSocketPath?: string;
}

/** A host key that was seen, in the two forms in which it can be pinned. */
export interface HostKey {
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** `ssh-ed25519 AAAA…`, as known_hosts has it after the name. */
  readonly key: string;
}
