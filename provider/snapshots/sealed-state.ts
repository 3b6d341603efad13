import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { z } from "zod";

import { RkeError } from "../errors.ts";
import { Secret } from "../secrets.ts";

/**
 * Encrypts a text by a passphrase. The result begins with a line of JSON that names how it was done, so that it can be read
 * when this package does it in another way, or with other tools; behind it is the encrypted text with its tag. Who changes
 * one byte, of the line too, makes it unreadable.
 */
export async function seal(text: Secret<string>, passphrase: Secret<string>): Promise<Buffer> {
  if (passphrase.unwrap() === "") {
    throw new RkeError("config", { doing: "encrypt the state of the cluster", because: "the passphrase is empty" });
  }
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const header = {
    format: FORMAT,
    version: 1,
    kdf: { name: "scrypt", ...COST, salt: salt.toString("base64") },
    cipher: { name: "aes-256-gcm", nonce: nonce.toString("base64") },
  } satisfies Header;
  const line = Buffer.from(`${JSON.stringify(header)}\n`);
  const cipher = createCipheriv("aes-256-gcm", await keyOf(passphrase, header.kdf), nonce).setAAD(line);
  return Buffer.concat([line, cipher.update(text.unwrap(), "utf8"), cipher.final(), cipher.getAuthTag()]);
}

/** The text that `seal()` encrypted. */
export async function unseal(sealed: Buffer, passphrase: Secret<string>): Promise<Secret<string>> {
  const lineEnd = sealed.indexOf("\n") + 1;
  const line = sealed.subarray(0, lineEnd);
  const { kdf, cipher } = headerIn(line);
  const tagAt = sealed.length - TAG;
  if (tagAt < lineEnd) throw unreadable("it is cut off");
  const decipher = createDecipheriv(cipher.name, await keyOf(passphrase, kdf), Buffer.from(cipher.nonce, "base64"))
    .setAAD(line)
    .setAuthTag(sealed.subarray(tagAt));
  try {
    return new Secret(
      Buffer.concat([decipher.update(sealed.subarray(lineEnd, tagAt)), decipher.final()]).toString("utf8"),
    );
  } catch (error) {
    throw new RkeError(
      "config",
      {
        doing: DOING,
        because: "the passphrase is another one than it was encrypted with, or the file has changed since",
        hint: "Give the passphrase that was set when the snapshot was taken",
      },
      { cause: error },
    );
  }
}

const FORMAT = "pulumi-rke sealed state";
const DOING = "decrypt the state of the cluster";
const TAG = 16;

/** 32 MB and a tenth of a second for each guess. */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;

/** What others may have chosen, within what a machine should do for a file from somewhere. */
const MOST_MEMORY = 256 * 1024 * 1024;

const headerSchema = z
  .strictObject({
    format: z.literal(FORMAT),
    version: z.literal(1),
    kdf: z.strictObject({
      name: z.literal("scrypt"),
      N: z.int().positive(),
      r: z.int().positive(),
      p: z.int().positive().max(16),
      salt: z.base64(),
    }),
    cipher: z.strictObject({ name: z.literal("aes-256-gcm"), nonce: z.base64().length(16) }),
  })
  .refine(({ kdf }) => 128 * kdf.N * kdf.r <= MOST_MEMORY / 2 && Number.isInteger(Math.log2(kdf.N)) && kdf.N > 1);

type Header = z.output<typeof headerSchema>;

function headerIn(line: Buffer): Header {
  let header: unknown;
  try {
    header = JSON.parse(line.toString("utf8"));
  } catch {
    throw unreadable("its first line does not say how it is encrypted");
  }
  const parsed = headerSchema.safeParse(header);
  if (parsed.success) return parsed.data;
  throw unreadable("its first line names a way of encrypting that this version does not know");
}

const unreadable = (because: string): RkeError =>
  new RkeError("storage", {
    doing: DOING,
    because,
    hint: "Fetch the snapshot again; or read it with the version of pulumi-rke that took it",
  });

/** Typed in different ways, a character may be different bytes: it is always the same ones here. */
function keyOf(passphrase: Secret<string>, { N, r, p, salt }: Header["kdf"]): Promise<Buffer> {
  const bytes = passphrase.unwrap().normalize("NFKC");
  return new Promise((resolve, reject) =>
    scrypt(bytes, Buffer.from(salt, "base64"), 32, { N, r, p, maxmem: MOST_MEMORY }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    ),
  );
}
