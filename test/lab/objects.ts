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
    write: (count) =>
      together([...Array(count).keys()], async (number) => {
        const metadata = { name: nameOf(number), labels };
        const made = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { number: String(number) } };
        mustBe(201, await ask("POST", configMaps, made));
      }),
    async deleteAll() {
      // A collection is deleted one after the other by the server.
      await together([...(await numbersSeenBy(ask))], async (number) => {
        mustBe(200, await ask("DELETE", `${configMaps}/${nameOf(number)}`));
      });
    },
    numbers: () => numbersSeenBy(ask),
  };
}

const labels = { app: "many" };

const nameOf = (number: number): string => `object-${number}`;

async function together(numbers: readonly number[], work: (number: number) => Promise<void>): Promise<void> {
  const open = numbers.values();
  const worker = async (): Promise<void> => {
    for (const number of open) await work(number);
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}

async function numbersSeenBy(ask: Ask): Promise<ReadonlySet<number>> {
  const { text } = mustBe(200, await ask("GET", `${configMaps}?labelSelector=app%3Dmany`));
  const { items } = JSON.parse(text) as { readonly items: readonly { readonly data: { readonly number: string } }[] };
  return new Set(items.map(({ data }) => Number(data.number)));
}

function mustBe(status: number, answer: Answer): Answer {
  if (answer.status !== status) throw new Error(`${answer.status} and not ${status}: ${answer.text}`);
  return answer;
}
