import { afterEach, describe, expect, it } from "vitest";

import { Consumer } from "./consumer.ts";
import { aStack, type EngineStack } from "./stack.ts";

let stack: EngineStack;
afterEach(async () => stack.close());

describe("aStack()", () => {
  it("goes through the life of a resource with the real engine", async () => {
    stack = await aStack({ program: async () => void new Consumer("app", "one") });

    const first = await stack.up();
    const again = await stack.preview();
    stack.write(async () => void new Consumer("app", "two"));
    const changed = await stack.preview();
    const end = await stack.destroy();

    expect(first).toMatchObject({ failure: undefined, changes: { app: "create" } });
    expect(again).toMatchObject({ failure: undefined, changes: {} });
    expect(changed).toMatchObject({ failure: undefined, changes: { app: "update" } });
    expect(end).toMatchObject({ failure: undefined, changes: { app: "delete" } });
  });
});
