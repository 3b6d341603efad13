import { beforeAll, describe, expect, it } from "vitest";
import { Secret } from "../../../provider/secrets.ts";
import { seal, unseal } from "../../../provider/snapshots/sealed-state.ts";

const text = new Secret('{"desiredState": "päßword"}');
const passphrase = new Secret("correct horse battery staple");

// Each encryption takes its time, as it should.
let sealed: Buffer = Buffer.alloc(0);
beforeAll(async () => {
  sealed = await seal(text, passphrase);
});

/** With another first line: what `change` makes of the one that is there. */
function relabelled(sealed: Buffer, change: (header: Record<string, Record<string, unknown>>) => object): Buffer {
  const end = sealed.indexOf("\n");
  const header = JSON.parse(sealed.subarray(0, end).toString());
  return Buffer.concat([Buffer.from(JSON.stringify(change(header))), sealed.subarray(end)]);
}

describe("seal()", () => {
  it("gives back by the same passphrase what it took", async () => {
    const opened = await unseal(sealed, passphrase);

    expect(opened.unwrap()).toBe(text.unwrap());
  });

  it("takes a passphrase for the same however its characters are put together", async () => {
    const opened = await unseal(await seal(text, new Secret("caf\u00e9")), new Secret("cafe\u0301"));

    expect(opened.unwrap()).toBe(text.unwrap());
  });

  it("shows nothing of the text, never the same bytes twice, and in its first line how it was done", async () => {
    expect(sealed.includes("desiredState")).toBe(false);
    expect((await seal(text, passphrase)).equals(sealed)).toBe(false);
    expect(JSON.parse(sealed.subarray(0, sealed.indexOf("\n")).toString())).toEqual({
      format: "pulumi-rke sealed state",
      version: 1,
      kdf: { name: "scrypt", N: 32_768, r: 8, p: 3, salt: expect.any(String) },
      cipher: { name: "aes-256-gcm", nonce: expect.any(String) },
    });
  });

  it("takes no empty passphrase", async () => {
    await expect(seal(text, new Secret(""))).rejects.toThrow(/the passphrase is empty/);
  });
});

describe("unseal()", () => {
  it("says that it is another passphrase, and does not say which", async () => {
    const error = await unseal(sealed, new Secret("hunter2")).catch((reason: Error) => reason);

    expect(error).toMatchObject({ code: "config", message: expect.stringContaining("the passphrase is another one") });
    expect(String((error as Error).message)).not.toContain("hunter2");
  });

  it.each([
    ["its text", -20],
    ["its tag", -1],
    ["its salt", 110],
  ])("refuses what has changed in %s", async (_, at) => {
    const changed = Buffer.from(sealed);
    const place = at < 0 ? changed.length + at : at;
    changed[place] = changed[place] === 0x41 ? 0x42 : 0x41;

    await expect(unseal(changed, passphrase)).rejects.toThrow(/or the file has changed since/);
  });

  it.each([
    ["a first line that is no JSON", () => Buffer.from("hello\nworld"), /does not say how/],
    ["no line at all", () => Buffer.from("hello"), /does not say how/],
    ["another version", () => relabelled(sealed, (header) => ({ ...header, version: 2 })), /does not know/],
    [
      "a cost that no machine should bear",
      () => relabelled(sealed, (header) => ({ ...header, kdf: { ...header.kdf, N: 2 ** 24 } })),
      /does not know/,
    ],
    ["what is cut off", () => sealed.subarray(0, sealed.indexOf("\n") + 5), /it is cut off/],
  ])("refuses %s", async (_, change, because) => {
    await expect(unseal(change(), passphrase)).rejects.toThrow(because);
  });
});
