import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";

import { lifeOf, ownerText, thisOwner } from "../../../provider/execute/owner.ts";

const owner = { user: "alice", host: "laptop", pid: 4711 };
const signs = { owner, isOurs: () => false, exists: () => false };

describe("lifeOf()", () => {
  it("knows nothing about a process on another machine", () => {
    const record = { owner: "alice@desktop, pid 4711", runId: "r1" };

    expect(lifeOf(record, signs)).toBe("unknown");
  });

  it("knows nothing about an owner that is no process", () => {
    expect(lifeOf({ owner: "unknown", runId: "r1" }, signs)).toBe("unknown");
  });

  it.each([
    [true, "alive"],
    [false, "dead"],
  ])("asks this machine about another process: exists %s, %s", (exists, life) => {
    const record = { owner: "bob@laptop, pid 12", runId: "r1" };

    expect(lifeOf(record, { ...signs, exists: (pid) => exists && pid === 12 })).toBe(life);
  });

  it.each([
    [true, "alive"],
    [false, "dead"],
  ])("asks this process about its own number: a run of ours %s, %s", (isOurs, life) => {
    const record = { owner: "alice@laptop, pid 4711", runId: "r1" };

    expect(lifeOf(record, { ...signs, exists: () => true, isOurs: (runId) => isOurs && runId === "r1" })).toBe(life);
  });

  it("finds a living process alive", () => {
    const here = thisOwner();
    const record = { owner: ownerText({ ...here, pid: process.ppid }), runId: "r1" };

    expect(lifeOf(record, { owner: here, isOurs: () => false })).toBe("alive");
  });

  it.runIf(process.platform === "linux")("finds a process dead for whose end nobody has waited", async () => {
    // It ends only when its parent has become a program that waits for nobody.
    const child = "until grep -qx sleep /proc/$$/comm; do :; done";
    const careless = spawn("sh", ["-c", `{ ${child}; } & echo $!; exec sleep 60`]);
    const [pid] = await once(careless.stdout.setEncoding("utf8"), "data");
    const stat = () => readFileSync(`/proc/${Number(pid)}/stat`, "utf8");
    await vi.waitFor(() => expect(stat()).toMatch(/ Z /), 10_000);

    const here = thisOwner();
    const record = { owner: ownerText({ ...here, pid: Number(pid) }), runId: "r1" };
    const life = lifeOf(record, { owner: here, isOurs: () => false });
    careless.kill();

    expect(life).toBe("dead");
  });
});

describe("ownerText()", () => {
  it("names the person, the machine and the process", () => {
    expect(ownerText(owner)).toBe("alice@laptop, pid 4711");
  });
});
