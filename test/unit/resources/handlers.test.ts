import { expect, it } from "vitest";

import "../../../provider/resources/handlers.ts";

it.each(["stdout", "stderr"] as const)("handlers outlive whoever reads their %s", (name) => {
  const broken = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });

  expect(() => process[name].emit("error", broken)).not.toThrow();
});
