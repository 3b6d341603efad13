import { describe, expect, it } from "vitest";

import { repairWidthOf, widthOf } from "../../../provider/reconcile/width.ts";

const plane = (size: number, missing: readonly string[] = []) => ({ name: "worker", size, missing });

describe("widthOf()", () => {
  it.each([
    ["1", 10, 1],
    ["3", 10, 3],
    ["10%", 1, 1],
    ["10%", 9, 1],
    ["10%", 10, 1],
    ["10%", 19, 1],
    ["10%", 20, 2],
    ["25%", 11, 2],
    ["33%", 3, 1],
    ["50%", 5, 2],
    ["100%", 5, 5],
    ["10%", 1000, 50],
    ["80", 1000, 50],
  ])("makes of %s of %i nodes %i at a time", (maxUnavailable, size, width) => {
    expect(widthOf(maxUnavailable, plane(size))).toBe(width);
  });

  it("counts nodes that are missing already", () => {
    expect(widthOf("3", plane(10, ["node-9 cannot be reached"]))).toBe(2);
  });

  it("refuses when as many are missing as may be, and says which", () => {
    const missing = ["node-8 cannot be reached", "node-9 is not Ready"];

    expect(() => widthOf("20%", plane(10, missing))).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot change the worker nodes: 2 of 10 are missing already (node-8 cannot be reached, node-9 is not Ready), and maxUnavailable is 20%, which allows 2
        Bring the nodes back or take them out of the cluster, then try again; or allow more to be unavailable]
    `);
  });

  it("names only some of many that are missing", () => {
    const missing = Array.from({ length: 40 }, (_, index) => `node-${index} cannot be reached`);

    expect(() => widthOf("10%", plane(100, missing))).toThrow("node-2 cannot be reached and 37 more");
  });
});

describe("repairWidthOf()", () => {
  it("always allows one: what is down cannot be taken away", () => {
    expect(repairWidthOf("1", plane(3, ["node-1 cannot be reached", "node-2 is not Ready"]))).toBe(1);
  });

  it("allows more where more may be missing", () => {
    expect(repairWidthOf("5", plane(10, ["node-1 cannot be reached"]))).toBe(4);
  });
});
