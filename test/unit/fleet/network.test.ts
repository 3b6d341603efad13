import { describe, expect, it } from "vitest";

import { testFleet } from "./clients.ts";

const listener = { owner: "test", accept: () => undefined };

describe("Network.dial()", () => {
  it("finds a listener by address from another machine", async () => {
    const { network, node } = await testFleet({ nodes: 2 });
    node("node-2").machine.listen(80, listener);

    expect(network.dial(node("node-1").machine, "10.0.0.2", 80)).toBe(listener);
  });

  it("hides what is bound to 127.0.0.1 from other machines", async () => {
    const { network, node } = await testFleet({ nodes: 2 });
    node("node-2").machine.listen(80, { ...listener, boundTo: "127.0.0.1" });

    expect(network.dial(node("node-1").machine, "10.0.0.2", 80)).toBe("refused");
    expect(network.dial(node("node-2").machine, "localhost", 80)).toMatchObject({ owner: "test" });
  });

  it("does not find at 127.0.0.1 what is bound to the internal address", async () => {
    const { network, node } = await testFleet({ nodes: 1 });
    const { machine } = node("node-1");
    machine.listen(2379, { ...listener, boundTo: "10.0.0.1" });

    expect(network.dial(machine, "127.0.0.1", 2379)).toBe("refused");
    expect(network.dial(machine, "10.0.0.1", 2379)).toMatchObject({ owner: "test" });
  });

  it.each([
    ["a port where nothing listens", "10.0.0.2", "refused"],
    ["an address that nobody has", "10.9.9.9", "timeout"],
  ])("answers for %s", async (_case, host, answer) => {
    const { network, node } = await testFleet({ nodes: 2 });

    expect(network.dial(node("node-1").machine, host, 80)).toBe(answer);
  });

  it("hears nothing from the other side of a partition until it heals", async () => {
    const { network, node } = await testFleet({ nodes: 2 });
    node("node-2").machine.listen(80, listener);
    const dial = () => network.dial(node("node-1").machine, "10.0.0.2", 80);

    network.partition("node-1", "node-2");
    const during = dial();
    network.heal();

    expect([during, dial()]).toEqual(["timeout", listener]);
  });

  it("hears nothing from a machine without power", async () => {
    const { network, node, powerOff } = await testFleet({ nodes: 2 });

    powerOff("node-2");

    expect(network.dial(node("node-1").machine, "10.0.0.2", 80)).toBe("timeout");
  });
});

describe("Machine.listen()", () => {
  it("refuses a port that is taken", async () => {
    const { node } = await testFleet({ nodes: 1 });
    const { machine } = node("node-1");
    machine.listen(2379, listener);

    expect(() => machine.listen(2379, listener)).toThrow("bind: address already in use");
  });
});
