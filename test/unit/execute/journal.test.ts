import { once } from "node:events";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";

import { journalLines, journalOn } from "../../../provider/execute/journal.ts";
import { unpacked } from "../../../provider/hosts/archive.ts";
import { passing } from "./a-context.ts";

interface Written {
  readonly address: string;
  readonly container: string;
  readonly path: string;
  readonly lines: readonly string[];
}

const textIn = (archive: Buffer): string => unpacked(archive)[0]?.content.toString("utf8") ?? "";

/** A journal on machines that keep what is written; time stands still, and pauses end when the journal is closed. */
function aJournal({ broken = [] as string[] } = {}) {
  const written: Written[] = [];
  const tries: string[] = [];
  const docker = (address: string) => ({
    async putArchive(container: string, path: string, { archive }: { archive: Buffer | Readable }) {
      tries.push(address);
      if (broken.includes(address)) throw passing();
      if (archive instanceof Readable) throw new Error("A journal is small enough for a buffer");
      written.push({ address, container, path, lines: journalLines(textIn(archive)) });
    },
  });
  const locks = new Map([
    ["10.0.0.1", "lock-of-1"],
    ["10.0.0.2", "lock-of-2"],
  ]);
  const context = { clock: () => new Date("2026-03-01T12:00:00Z"), docker };
  const pause = async (_ms: number, signal: AbortSignal) => {
    if (!signal.aborted) await once(signal, "abort");
  };
  return { journal: journalOn({ context, locks, pause }), written, tries };
}

describe("journalOn()", () => {
  it("writes a line to every lock at once", async () => {
    const { journal, written } = aJournal();

    journal.note("Etcd plane (1/3)");
    await journal.close();

    expect(written).toEqual([
      { address: "10.0.0.1", container: "lock-of-1", path: "/", lines: ["Etcd plane (1/3)"] },
      { address: "10.0.0.2", container: "lock-of-2", path: "/", lines: ["Etcd plane (1/3)"] },
    ]);
  });

  it("writes lines together that come between two writes", async () => {
    const { journal, written } = aJournal();

    journal.note("one");
    journal.note("two");
    journal.note("three");
    await journal.close();

    const onFirst = written.filter(({ address }) => address === "10.0.0.1").map(({ lines }) => lines);
    expect(onFirst).toEqual([["one"], ["one", "two", "three"]]);
  });

  it("writes nothing when there is nothing to write", async () => {
    const { journal, tries } = aJournal();

    await journal.close();

    expect(tries).toEqual([]);
  });

  it("takes no lines after it was closed", async () => {
    const { journal, tries } = aJournal();

    await journal.close();
    journal.note("too late");
    await journal.close();

    expect(tries).toEqual([]);
  });

  it("goes on without a machine that does not take it", async () => {
    const { journal, written, tries } = aJournal({ broken: ["10.0.0.1"] });

    journal.note("one");
    journal.note("two");
    await journal.close();

    expect(tries).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.2"]);
    expect(written.at(-1)).toMatchObject({ address: "10.0.0.2", lines: ["one", "two"] });
  });

  it("keeps its first two lines and the last ones when it grows long", async () => {
    const { journal, written } = aJournal();

    for (let line = 1; line <= 1000; line++) journal.note(`line ${line}`);
    await journal.close();

    const lines = written.at(-1)?.lines ?? [];
    expect(lines).toHaveLength(300);
    expect(lines.slice(0, 4)).toEqual(["line 1", "line 2", "…", "line 704"]);
    expect(lines.at(-1)).toBe("line 1000");
  });

  it("makes one short line of anything", async () => {
    const { journal, written } = aJournal();

    journal.note(`failed:\n  ${"x".repeat(500)}`);
    await journal.close();

    expect(written.at(-1)?.lines).toEqual([`failed: ${"x".repeat(192)}`]);
  });

  it("never holds a private key", async () => {
    const { journal, written } = aJournal();

    journal.note("wrote -----BEGIN RSA PRIVATE KEY-----\nMIIEsecret\n-----END RSA PRIVATE KEY-----");
    await journal.close();

    expect(written.at(-1)?.lines).toEqual(["wrote [redacted]"]);
  });
});
