import { describe, expect, it } from "vitest";

import { Host } from "../../../provider/hosts/host.ts";
import { aConnection, anEngine, aPool, aServer } from "./a-machine.ts";

/** What keeps a process alive, by kind. Unlike a count of all, it does not see what the test runner itself has open. */
function held(kind: string): number {
  return process.getActiveResourcesInfo().filter((name) => name === kind).length;
}

describe("Pool.close()", () => {
  it("leaves no socket and no timer that would keep the process alive", async () => {
    const { engine } = anEngine(() => ({ json: {} }));
    const server = await aServer({ streamlocal: () => engine });
    const before = { sockets: held("TCPSocketWrap"), timers: held("Timeout") };
    const pool = aPool();
    const host = new Host({ name: "node-1", connection: aConnection(server), pool });
    await host.docker().info();

    await pool.close();
    await server.close();

    await expect.poll(() => ({ sockets: held("TCPSocketWrap"), timers: held("Timeout") })).toEqual(before);
  });
});
