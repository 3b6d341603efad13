import { Agent, request } from "node:https";
import { load } from "js-yaml";

/** What an API server has answered; one that does not answer has said nothing. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

export type Ask = (method: string, path: string, body?: object) => Promise<Answer>;

/** Who asks, in the words of TLS. */
export interface Client {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Asks one API server, on connections that stay open. */
export function asking(client: Client, host: string): Ask {
  const agent = new Agent({ ...client, keepAlive: true });
  return (method, path, body) =>
    new Promise((resolve) => {
      const options = { agent, method, timeout: 60_000, headers: { "content-type": "application/json" } };
      const asked = request(`https://${host}:6443${path}`, options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      asked.on("timeout", () => asked.destroy());
      asked.on("error", () => resolve({ status: 0, text: "" }));
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/** The user of a kubeconfig. */
export function clientIn(kubeconfig: string): Required<Client> {
  const { clusters, users } = load(kubeconfig) as Kubeconfig;
  const [cluster, user] = [clusters[0]?.cluster ?? {}, users[0]?.user ?? {}];
  const text = (base64 = ""): string => Buffer.from(base64, "base64").toString("utf8");
  return {
    ca: text(cluster["certificate-authority-data"]),
    cert: text(user["client-certificate-data"]),
    key: text(user["client-key-data"]),
  };
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}
