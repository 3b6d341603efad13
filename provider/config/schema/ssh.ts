import { z } from "zod";

import { secret } from "./naming.ts";
import { flag, text } from "./values.ts";

export const bastionHost = z.strictObject({
  /** Address of the machine in between. The block has no effect without it. */
  address: text(),
  /** Port of its sshd. Default: 22. */
  port: text(),
  user: text(),
  /** Overruled by `sshAgentAuth` of the cluster, as in RKE. */
  sshAgentAuth: flag(),
  /** Private key for the bastion, as text. */
  sshKey: secret(text()),
  /** File with the private key. Default: `sshKeyPath` of the cluster. */
  sshKeyPath: text(),
  /** OpenSSH user certificate, as text. */
  sshCert: text(),
  sshCertPath: text(),
  /** Do not use HTTP_PROXY and its companions for connections through the bastion. */
  ignoreProxyEnvVars: flag(),
});
