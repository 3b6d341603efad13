import { describe, expect, it } from "vitest";

import { acceptsDocker } from "../../../provider/releases/accepts-docker.ts";
import { releaseForUnknown, releaseOf } from "../../../provider/releases/index.ts";

describe("acceptsDocker()", () => {
  it.each([
    ["v1.32", "28.1.1", true],
    ["v1.32", "20.10.24+dfsg1", true],
    ["v1.32", "28.2.0", false],
    ["v1.29", "27.5.1", true],
    ["v1.29", "28.0.0", false],
    ["v1.27", "27.5.0", false],
    ["v1.14", "17.03.2-ce", true],
    ["v1.14", "1.13.1", true],
    ["v1.14", "1.12.6", false],
    ["v1.32", "dev", false],
  ])("answers for %s on Docker %s: %s", (version, serverVersion, expected) => {
    expect(acceptsDocker(releaseOf(version), serverVersion)).toBe(expected);
  });

  it("accepts nothing for a minor without metadata", () => {
    expect(acceptsDocker(releaseForUnknown("v1.33.1-rancher1-1"), "28.1.1")).toBe(false);
  });
});
