// Preloaded where a process would make RSA keys, each of which takes a core a tenth of a second and more: it gets those that lie
// in KEYS_POOL, one after the other and none twice, which KEYS_USED counts. When there are no more, keys are made.
import crypto from "node:crypto";
import { appendFileSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const { KEYS_POOL: pool = "", KEYS_USED: used = "" } = process.env;
const make = crypto.generateKeyPair;
const generate = promisify(make);

/** @param {"rsa"} type @param {import("node:crypto").RSAKeyPairOptions<"pem", "pem">} options */
const taken = async (type, options) => {
  appendFileSync(used, ".");
  const path = join(pool, `${statSync(used).size - 1}.pem`);
  const isPooled = type === "rsa" && options.modulusLength === 2048 && existsSync(path);
  return isPooled ? { privateKey: readFileSync(path, "utf8") } : generate(type, options);
};

crypto.generateKeyPair = Object.assign((...call) => make(...call), { [promisify.custom]: taken });
