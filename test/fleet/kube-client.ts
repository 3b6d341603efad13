import { certificateOf, MissingFile, whyNotTrusted } from "./certificates.ts";
import { KubeApi } from "./kube-api.ts";
import { endpointOf } from "./network.ts";
import type { Process } from "./programs.ts";

/** How a component of the cluster reaches the API server: what its kubeconfig says, checked as TLS would. */
export class KubeClient {
  readonly #process: Process;
  readonly #server: string;
  readonly #ca: Buffer;
  readonly #cert: Buffer;

  /** Throws {@link MissingFile} when the kubeconfig or a file it names is not there. */
  constructor(process: Process, kubeconfig: string) {
    const text = process.files.read(kubeconfig)?.toString("utf8");
    if (text === undefined) throw new MissingFile(kubeconfig);
    this.#process = process;
    this.#server = field(text, "server") ?? "https://localhost:6443";
    this.#ca = contentOf(process, text, "certificate-authority");
    this.#cert = contentOf(process, text, "client-certificate");
    contentOf(process, text, "client-key");
    certificateOf(this.#cert);
  }

  /** The API server that answers now, or why none does. */
  connect(): KubeApi | string {
    const { machine } = this.#process;
    const { host, port } = endpointOf(this.#server);
    const dialled = machine.world.network.dial(machine, host, port);
    if (typeof dialled === "string") return `dial tcp ${host}:${port}: connect: ${said[dialled]}`;
    const api = dialled.service?.();
    if (!(api instanceof KubeApi)) return "unexpected EOF";
    const now = machine.now();
    const distrust = whyNotTrusted(api.tls.cert, this.#ca, { now, host });
    if (distrust !== undefined) return `tls: failed to verify certificate: ${distrust}`;
    if (whyNotTrusted(this.#cert, api.tls.ca, { now: api.process.machine.now() }) !== undefined) return "Unauthorized";
    return api;
  }
}

const said = { refused: "connection refused", timeout: "i/o timeout" } as const;

function contentOf(process: Process, kubeconfig: string, name: string): Buffer {
  const embedded = field(kubeconfig, `${name}-data`);
  if (embedded !== undefined) return Buffer.from(embedded, "base64");
  const path = field(kubeconfig, name) ?? "";
  const content = process.files.read(path);
  if (content === undefined) throw new MissingFile(path);
  return content;
}

/** A value from a kubeconfig, YAML or JSON; their keys are the same and their values are plain words. */
const field = (text: string, name: string): string | undefined =>
  new RegExp(`(?:^|[\\s"'{,])${name}["']?\\s*:\\s*["']?([^"'\\s,}]+)`, "m").exec(text)?.[1];
