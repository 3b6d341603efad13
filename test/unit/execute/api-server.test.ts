import { describe, expect, it } from "vitest";

import { anyApiServer } from "../../../provider/execute/api-server.ts";
import { aContext, lasting, passing } from "./a-context.ts";

const ONE = "10.0.0.1";
const TWO = "10.0.0.2";
const THREE = "10.0.0.3";

/** API servers by address, each with what it says when it is asked; `asked` is who was asked, in order. */
function apiServers(answers: Record<string, () => Promise<{ ready: boolean; answer: string }>>, context = aContext()) {
  const asked: string[] = [];
  const kubeOn = (address: string) => ({
    address,
    readyz: async () => {
      asked.push(address);
      return (await answers[address]?.()) ?? { ready: true, answer: "ok" };
    },
    request: async (_method: string, path: string) => {
      asked.push(`${address}${path}`);
      return undefined;
    },
  });
  const { clock, signal, nameOf } = context;
  return { any: anyApiServer({ addresses: [ONE, TWO, THREE], kubeOn, clock, signal, nameOf }), asked, context };
}

const down = () => Promise.reject(passing("nothing answers there"));
const notReady = async () => ({
  ready: false,
  answer: "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed",
});

describe("anyApiServer()", () => {
  it("asks one alone while that one is ready", async () => {
    const { any, asked } = apiServers({});

    const kube = await any();

    expect(kube.address).toBe(ONE);
    expect(asked).toEqual([ONE]);
  });

  it.each([
    ["does not answer", down],
    ["is not ready", notReady],
    ["answers with an error", () => Promise.reject(lasting())],
  ])("takes another one when the first %s", async (_what, answer) => {
    const { any, asked } = apiServers({ [ONE]: answer, [TWO]: down });

    const kube = await any();

    expect(kube.address).toBe(THREE);
    expect(asked).toEqual([ONE, TWO, THREE]);
  });

  it("begins with the one that answered last time", async () => {
    const { any, asked, context } = apiServers({ [ONE]: down, [TWO]: down });
    await any();
    context.passMs(60_000);

    await any();

    expect(asked).toEqual([ONE, TWO, THREE, THREE]);
  });

  it("does not ask again for a moment", async () => {
    const { any, asked } = apiServers({});
    await any();

    await any();

    expect(asked).toEqual([ONE]);
  });

  it("asks once for all who want one at the same time", async () => {
    const { any, asked } = apiServers({});

    await Promise.all([any(), any(), any()]);

    expect(asked).toEqual([ONE]);
  });

  it("says what each of them said when none is ready, as something that may pass", async () => {
    const { any } = apiServers({ [ONE]: notReady, [TWO]: down, [THREE]: down });

    await expect(any()).rejects.toMatchObject({
      code: "kube",
      transient: true,
      message:
        "Cannot find an API server that is ready: " +
        'node-1 (10.0.0.1): "[-]etcd failed: reason withheld"; ' +
        "node-2 (10.0.0.2): nothing answers there; node-3 (10.0.0.3): nothing answers there\n" +
        '  See what "docker logs kube-apiserver" says on one of these machines',
    });
  });

  it("asks one that does not know /readyz for its health as it was before", async () => {
    const { any, asked } = apiServers({ [ONE]: async () => ({ ready: false, answer: "404 page not found" }) });

    const kube = await any();

    expect(kube.address).toBe(ONE);
    expect(asked).toEqual([ONE, `${ONE}/healthz`]);
  });

  it("ends with the run that is cancelled", async () => {
    const run = new AbortController();
    const answer = async () => {
      run.abort(new Error("enough"));
      throw passing();
    };
    const { any } = apiServers({ [ONE]: answer }, aContext({ signal: run.signal }));

    await expect(any()).rejects.toThrow("enough");
  });
});
