import { type Answer, type Ask, asking, clientIn } from "./api.ts";
import { nodeAddress } from "./machines.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";

/** Many small objects of a cluster. */
export interface Objects {
  /** Makes so many of them, each with its number in it. */
  write(count: number): Promise<void>;
  deleteAll(): Promise<void>;
  /** The numbers that are there. */
  numbers(): Promise<ReadonlySet<number>>;
}

export function objectsOf(kubeconfig: string, { askedOn }: { readonly askedOn: number }): Objects {
  const ask = asking(clientIn(kubeconfig), nodeAddress(askedOn));
  return {
    async write(count) {
      const open = Array.from({ length: count }, (_, number) => number);
      const worker = async (): Promise<void> => {
        for (let number = open.pop(); number !== undefined; number = open.pop()) {
          const metadata = { name: `object-${number}`, labels };
          const made = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { number: String(number) } };
          mustBe(201, await ask("POST", configMaps, made));
        }
      };
      await Promise.all(Array.from({ length: 32 }, worker));
    },
    async deleteAll() {
      mustBe(200, await ask("DELETE", `${configMaps}?labelSelector=app%3Dmany`));
    },
    numbers: () => numbersSeenBy(ask),
  };
}

const labels = { app: "many" };

async function numbersSeenBy(ask: Ask): Promise<ReadonlySet<number>> {
  const { text } = mustBe(200, await ask("GET", `${configMaps}?labelSelector=app%3Dmany`));
  const { items } = JSON.parse(text) as { readonly items: readonly { readonly data: { readonly number: string } }[] };
  return new Set(items.map(({ data }) => Number(data.number)));
}

function mustBe(status: number, answer: Answer): Answer {
  if (answer.status !== status) throw new Error(`${answer.status} and not ${status}: ${answer.text}`);
  return answer;
}
