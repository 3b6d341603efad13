import { RkeError } from "../errors.ts";
import { type HttpAnswer, type HttpRequest, jsonObject, sendTo } from "./http.ts";
import type { KubeObject, Lease, List, Node, ObjectMeta, Pod, Resource } from "./kube-objects.ts";
import { Reader } from "./reader.ts";
import type { Tunnel } from "./tunnel.ts";

export interface KubeCallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface KubeRequest extends KubeCallOptions {
  readonly body?: object | undefined;
  readonly contentType?: string | undefined;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Reads after "Cannot" in an error. */
  readonly doing?: string | undefined;
}

export interface EvictOptions extends KubeCallOptions {
  readonly gracePeriodSeconds?: number | undefined;
  /** `policy/v1beta1` before Kubernetes 1.22. */
  readonly apiVersion?: string | undefined;
}

/** What became of a pod that was asked to leave. */
export type Eviction = "evicted" | "gone" | "held by a disruption budget";

/** The calls to one API server that we use, as the user whose certificate the tunnel presents. */
export class Kube {
  readonly #tunnel: Tunnel;
  readonly #node: string;
  readonly #nodes = new Reader<Node>({
    one: (name, options) =>
      this.request("GET", `/api/v1/nodes/${name}`, { doing: `read the node ${name}`, ...options }),
    all: (options) => this.nodes(options),
  });
  readonly #nodeLeases = new Reader<Lease>({
    one: (name, options) => {
      const path = `/apis/coordination.k8s.io/v1/namespaces/${NODE_LEASES}/leases/${name}`;
      return this.request("GET", path, { doing: `read the lease of ${name}`, ...options });
    },
    all: (options) => this.leases(NODE_LEASES, options),
  });

  constructor(tunnel: Tunnel, { machine }: { machine: string }) {
    this.#tunnel = tunnel;
    this.#node = machine;
  }

  /** One request; JSON both ways. Undefined when the server knows no such object. */
  async request<T>(method: string, path: string, request: KubeRequest = {}): Promise<T | undefined> {
    const { body, contentType = "application/json", query = {}, signal } = request;
    const doing = request.doing ?? `${method} ${path}`;
    const sent = await this.#send(doing, {
      method,
      path: withQuery(path, query),
      headers: body === undefined ? {} : { "Content-Type": contentType },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
    if (sent.status === 404) return undefined;
    if (sent.status >= 300) throw this.#refusal(doing, sent);
    return jsonObject(sent.body) as T | undefined;
  }

  /** Whether the API server says of itself that it is ready; the text says what is not. */
  async readyz({ signal }: KubeCallOptions = {}): Promise<{ readonly ready: boolean; readonly answer: string }> {
    const sent = await this.#send("ask the API server for its health", { method: "GET", path: "/readyz", signal });
    return { ready: sent.status === 200, answer: sent.body.trim() };
  }

  async nodes(options: KubeCallOptions = {}): Promise<readonly Node[]> {
    return this.#items(await this.request<List<Node>>("GET", "/api/v1/nodes", { doing: "list the nodes", ...options }));
  }

  /** Many that are asked for at once are read as one list. */
  async node(name: string, options: KubeCallOptions = {}): Promise<Node | undefined> {
    return this.#nodes.read(name, options);
  }

  /** What the kubelet of a node renews to show that it is alive. Read as nodes are. */
  async nodeLease(name: string, options: KubeCallOptions = {}): Promise<Lease | undefined> {
    return this.#nodeLeases.read(name, options);
  }

  /** Changes what the patch names, and nothing else; null takes a key away (a JSON merge patch). */
  async patchNode(name: string, patch: object, options: KubeCallOptions = {}): Promise<Node | undefined> {
    return this.request("PATCH", `/api/v1/nodes/${name}`, {
      doing: `change the node ${name}`,
      body: patch,
      contentType: "application/merge-patch+json",
      ...options,
    });
  }

  async deleteNode(name: string, options: KubeCallOptions = {}): Promise<void> {
    await this.request("DELETE", `/api/v1/nodes/${name}`, { doing: `delete the node ${name}`, ...options });
  }

  /**
   * Server-side apply: makes the object as given, and leaves alone what others own. JSON is YAML, so it is sent as such.
   * `path` is the object's own, such as `/api/v1/namespaces/kube-system/configmaps/coredns`.
   */
  async apply<T extends KubeObject>(
    path: string,
    object: T,
    { fieldManager, force = false, signal }: KubeCallOptions & { fieldManager: string; force?: boolean },
  ): Promise<T> {
    const doing = `apply ${object.kind} ${object.metadata.name}`;
    const applied = await this.request<T>("PATCH", path, {
      doing,
      body: object,
      contentType: "application/apply-patch+yaml",
      query: { fieldManager, force },
      signal,
    });
    if (applied !== undefined) return applied;
    const because = `the API server knows no resource at ${path}`;
    throw new RkeError("kube", { doing, node: this.#node, because, hint: "Apply its namespace or its CRD first" });
  }

  /** The kinds that a version of an API has now, such as `apps/v1`; none when the server does not know the version. */
  async resources(apiVersion: string, options: KubeCallOptions = {}): Promise<readonly Resource[]> {
    const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const doing = `ask for the kinds of ${apiVersion}`;
    const list = await this.request<{ readonly resources?: readonly Resource[] }>("GET", path, { doing, ...options });
    // Parts of objects, such as `deployments/scale`, are listed as well.
    return (list?.resources ?? []).filter(({ name }) => !name.includes("/"));
  }

  /** Deletes the object at a path, in the background as kubectl does. */
  async delete(path: string, options: KubeCallOptions = {}): Promise<void> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Background" };
    await this.request("DELETE", path, { doing: `delete ${path}`, body, ...options });
  }

  /** The pods with labels, such as `k8s-app=canal`; those of one namespace, or of all. */
  async podsWith(
    labelSelector: string,
    { namespace, ...options }: KubeCallOptions & { readonly namespace?: string; readonly doing?: string } = {},
  ): Promise<readonly Pod[]> {
    const path = namespace === undefined ? "/api/v1/pods" : `/api/v1/namespaces/${namespace}/pods`;
    const doing = `list the pods with ${labelSelector}`;
    return this.#items(await this.request<List<Pod>>("GET", path, { doing, query: { labelSelector }, ...options }));
  }

  async podsOn(node: string, options: KubeCallOptions = {}): Promise<readonly Pod[]> {
    const query = { fieldSelector: `spec.nodeName=${node}` };
    const doing = `list the pods on ${node}`;
    return this.#items(await this.request<List<Pod>>("GET", "/api/v1/pods", { doing, query, ...options }));
  }

  /** Asks a pod to leave. A disruption budget may say "not now", which is an answer to wait on. */
  async evict(
    { namespace = "default", name, uid }: Pick<ObjectMeta, "name" | "namespace" | "uid">,
    { gracePeriodSeconds, apiVersion = "policy/v1", signal }: EvictOptions = {},
  ): Promise<Eviction> {
    const doing = `evict the pod ${namespace}/${name}`;
    const body = {
      apiVersion,
      kind: "Eviction",
      metadata: { name, namespace },
      deleteOptions: { gracePeriodSeconds, preconditions: uid === undefined ? undefined : { uid } },
    };
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    const sent = await this.#send(doing, {
      method: "POST",
      path,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
    if (sent.status === 404) return "gone";
    if (sent.status === 429) return "held by a disruption budget";
    // Another pod has the name by now.
    if (sent.status === 409 && uid !== undefined) return "gone";
    if (sent.status >= 300) throw this.#refusal(doing, sent);
    return "evicted";
  }

  async leases(namespace: string, options: KubeCallOptions = {}): Promise<readonly Lease[]> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
    const doing = `list the leases in ${namespace}`;
    return this.#items(await this.request<List<Lease>>("GET", path, { doing, ...options }));
  }

  #items<T>(list: List<T> | undefined): readonly T[] {
    return list?.items ?? [];
  }

  async #send(doing: string, request: HttpRequest): Promise<HttpAnswer> {
    return sendTo({ code: "kube", server: "the API server", node: this.#node, tunnel: this.#tunnel }, doing, request);
  }

  #refusal(doing: string, { status, body }: HttpAnswer): RkeError {
    const message = jsonObject(body)?.message;
    const said = typeof message === "string" ? message : body.trim().slice(0, 200);
    const hint =
      status === 401 ? "The API server does not trust this certificate; compare the CA of the cluster" : undefined;
    return new RkeError(
      "kube",
      {
        doing,
        node: this.#node,
        because: `the API server answered ${status}: "${said}"`,
        ...(hint === undefined ? {} : { hint }),
      },
      { transient: status === 429 || status >= 500 },
    );
  }
}

const NODE_LEASES = "kube-node-lease";

function withQuery(path: string, query: NonNullable<KubeRequest["query"]>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) params.set(key, String(value));
  return params.size === 0 ? path : `${path}?${params}`;
}
