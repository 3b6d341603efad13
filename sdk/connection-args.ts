import type * as pulumi from "@pulumi/pulumi";

/** How a machine is reached: the words of pulumi-command's `connection`. */
export interface ConnectionArgs {
  /** Name or address that SSH connects to, as seen from the machine that runs Pulumi or, with a proxy, from the proxy. */
  readonly host: pulumi.Input<string>;
  /** Port of sshd. Default: 22. */
  readonly port?: pulumi.Input<number | string> | undefined;
  /** SSH user. It must be allowed to use Docker's socket. Default: root. */
  readonly user?: pulumi.Input<string> | undefined;
  /** The private key itself, not its path. Default: the SSH agent, when there is one; else ~/.ssh/id_rsa. */
  readonly privateKey?: pulumi.Input<string> | undefined;
  /** Passphrase of the private key. */
  readonly privateKeyPassword?: pulumi.Input<string> | undefined;
  /** Socket of an SSH agent. */
  readonly agentSocketPath?: pulumi.Input<string> | undefined;
  /** OpenSSH user certificate for the private key, as text. */
  readonly certificate?: pulumi.Input<string> | undefined;
  /** Key that the machine must show: `ssh-ed25519 AAAA…` or `SHA256:…`. Default: the one that it shows first. */
  readonly hostKey?: pulumi.Input<string> | undefined;
}

/** A machine to go through. */
export interface ProxyArgs extends ConnectionArgs {}
