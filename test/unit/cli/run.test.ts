import { describe, expect, it } from "vitest";

import { runCli } from "../../../provider/cli/run.ts";
import { oneNode, ran, readerOf } from "./world.ts";

describe("runCli()", () => {
  it.each([
    [["frobnicate", "cluster.yml"], 'There is no command "frobnicate"'],
    [["plan"], "plan wants a file: pulumi-rke plan cluster.yml"],
    [["validate"], "validate wants a file: pulumi-rke validate cluster.yml"],
    [["snapshot"], "snapshot wants a file: pulumi-rke snapshot before-upgrade.zip"],
    [["snapshot", "a.zip", "--json"], "snapshot has no option --json"],
    [["plan", "a.yml", "--state", "x"], "plan has no option --state"],
    [["toString", "a.yml"], 'There is no command "toString"'],
    [["plan", "a.yml", "b.yml"], 'plan takes one file, and got "a.yml", "b.yml"'],
    [["validate", "a.yml", "--certs"], "validate has no option --certs"],
    [["validate", "a.yml", "--node", "x"], "validate has no option --node"],
    [["plan", "a.yml", "--docker"], "Option '--docker <value>' argument missing"],
    [["plan", "a.yml", "--json=yes"], "Option '--json' does not take an argument"],
    [["plan", "a.yml", "--bogus"], "Unknown option '--bogus'"],
    [["plan", "-", "--docker", "-"], "The standard input can be one file, and is named as two"],
  ])("runCli() takes %j for a slip in the command line", async (args, reason) => {
    const { code, out, err } = await ran(args, { "a.yml": oneNode, "-": oneNode });

    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(`pulumi-rke: ${reason}`);
    expect(err).toContain("Usage:");
  });

  it.each([[[]], [["--help"]], [["-h"]], [["plan", "--help"]], [["frobnicate", "-h"]]])(
    "runCli() explains itself when it gets %j",
    async (args) => {
      const { code, out, err } = await ran(args);

      expect([code, err]).toEqual([0, ""]);
      expect(out).toContain("pulumi-rke plan FILE");
    },
  );

  it("runCli() says its version", async () => {
    expect(await ran(["--version"])).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: "" });
  });

  it("runCli() takes everything after -- for a file", async () => {
    const { code } = await ran(["validate", "--", "--json"], { "--json": oneNode });

    expect(code).toBe(0);
  });

  it.each(["validate", "plan"])("runCli() lets %s read the standard input", async (command) => {
    const { code, out } = await ran([command, "-"], { "-": oneNode });

    expect(code).toBe(0);
    expect(out).toContain("1 node");
  });

  it.each(["validate", "plan"])("runCli() says in one line why %s cannot read its file", async (command) => {
    expect(await ran([command, "gone.yml"])).toEqual({
      code: 1,
      out: "",
      err: 'pulumi-rke: Cannot read "gone.yml": there is no such file\n',
    });
  });

  it("runCli() lets an error through that has nothing to do with the input: its stack says where it comes from", async () => {
    const broken = () => {
      throw new TypeError("a mistake");
    };
    const io = {
      ...readerOf({ "a.yml": oneNode }),
      out: broken,
      err: () => {},
      write: () => {},
      now: () => new Date(0),
    };

    await expect(runCli(["validate", "a.yml"], io)).rejects.toThrow(TypeError);
  });
});
