import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { packageVersion } from "../../../provider/cli/version.ts";

describe("packageVersion()", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pulumi-rke-version-"));
    mkdirSync(join(folder, "dist/provider/cli"), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("packageVersion() is in the package.json above, whatever other packages lie in between", () => {
    writeFileSync(join(folder, "package.json"), '{"name": "pulumi-rke", "version": "1.2.3"}');
    writeFileSync(join(folder, "dist/package.json"), '{"name": "other", "version": "9.9.9"}');

    expect(packageVersion(join(folder, "dist/provider/cli"))).toBe("1.2.3");
  });

  it("packageVersion() is not known where there is none", () => {
    expect(packageVersion(join(folder, "dist"))).toBe("unknown");
  });
});
