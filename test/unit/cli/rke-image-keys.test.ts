import { describe, expect, it } from "vitest";

import { rkeImageKeys } from "../../../provider/cli/rke-image-keys.ts";
import { configured } from "../../support/planned.ts";
import { peerPlan } from "../../support/vectors.ts";
import { oneNode } from "./world.ts";

describe("rkeImageKeys()", () => {
  it("rkeImageKeys() has the keys of cluster.yml, all of them", () => {
    const keys = Object.keys(rkeImageKeys(configured(oneNode).config.systemImages));

    expect(keys.sort()).toEqual(Object.keys(peerPlan("single-node").systemImages).sort());
  });
});
