import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { openLogFile } from "../../../provider/resources/log-file.ts";

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const clock = () => new Date("2026-11-21T08:00:00.000Z");

describe("openLogFile()", () => {
  it("writes lines with their times into a file that only its owner reads", () => {
    const file = openLogFile({ folder: aFolder(), title: "prod-update the cluster", clock });

    file.write("hello");
    file.close();

    expect(file.path).toMatch(/prod-update-the-cluster-2026-11-21T08-00-00\.000Z\.log$/);
    expect(readFileSync(file.path ?? "", "utf8")).toBe("2026-11-21T08:00:00.000Z hello\n");
    expect(statSync(file.path ?? "").mode & 0o777).toBe(0o600);
  });

  it("keeps the newest logs, and whatever is none", () => {
    const folder = aFolder();
    writeFileSync(join(folder, "notes.txt"), "mine");
    for (const day of ["11", "12", "13"]) {
      const path = join(folder, `prod-2026-11-${day}T08-00-00.000Z.log`);
      writeFileSync(path, day);
      utimesSync(path, new Date(`2026-11-${day}`), new Date(`2026-11-${day}`));
    }

    openLogFile({ folder, title: "prod", clock, keep: 2 }).close();

    expect(readdirSync(folder).sort()).toEqual([
      "notes.txt",
      "prod-2026-11-13T08-00-00.000Z.log",
      "prod-2026-11-21T08-00-00.000Z.log",
    ]);
  });

  it.each([undefined, "/dev/null/nowhere"])("does without a file in the folder %s", (folder) => {
    const file = openLogFile({ folder, title: "prod", clock });

    file.write("hello");

    expect(file.path).toBeUndefined();
  });
});
