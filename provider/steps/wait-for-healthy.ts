import type { Context } from "../execute/context.ts";
import { type Probe, until } from "../execute/wait.ts";
import type { Tls } from "../hosts/tls-client.ts";
import { clientIdentity } from "../pki/client-certificate.ts";
import { lastLine, withLastWords } from "./last-words.ts";
import { defineStep } from "./step.ts";

export interface WaitForHealthyParams {
  readonly node: string;
  /** Of the container that should be well. */
  readonly name: string;
  /** Asked on the machine itself, such as `http://localhost:10248/healthz`. */
  readonly url: string;
  /**
   * For HTTPS: which of the cluster's certificates to present, such as `kube-apiserver`; the server must then show one of
   * the cluster's as well. Without it nobody is believed or asked: some components make a certificate of their own for
   * this port, which only the machine itself reaches.
   */
  readonly tls?: string;
  readonly limitMs?: number;
}

/** Waits until a component says that it is well. */
export const waitForHealthy = defineStep<WaitForHealthyParams>("wait-for-healthy", {
  title: ({ name }) => `wait until ${name} is healthy`,
  alongside: () => "waits",

  async run({ node, name, url, tls, limitMs = 120_000 }, context) {
    const { protocol, hostname, port, pathname, search } = new URL(url);
    const target = {
      port: Number(port === "" ? (protocol === "https:" ? 443 : 80) : port),
      path: `${pathname}${search}`,
      ...(hostname !== "localhost" && { host: hostname.replace(/^\[|\]$/g, "") }),
    };
    const secure = protocol === "https:" ? { tls: presenting(context, { certificate: tls, hostname }) } : {};
    const ask = async (signal: AbortSignal): Promise<Probe<true>> => {
      const { status, body } = await context.host(node).fetch(target, { ...secure, signal });
      if (status === 200) return { done: true, value: true };
      return { done: false, lastAnswer: `${status}: ${lastLine(body) ?? ""}` };
    };
    try {
      await until(`${name} to be healthy`, ask, { intervalMs: 1000, limitMs, context, node });
    } catch (error) {
      throw await withLastWords(error, { node, name }, context);
    }
    return "unchanged";
  },
});

function presenting(
  { certificates }: Context,
  { certificate, hostname }: { certificate: string | undefined; hostname: string },
): Tls {
  const identity = certificate === undefined ? undefined : clientIdentity(certificates, certificate);
  return identity === undefined ? { rejectUnauthorized: false } : { ...identity, host: hostname };
}
