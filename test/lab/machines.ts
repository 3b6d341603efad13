import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where the lab has its programs and its data. */
export const home = process.env.LAB_HOME ?? join(process.env.HOME ?? homedir(), ".cache/rke-lab");
const net = process.env.LAB_NET ?? "172.31.0";

export const labScript = join(__dirname, "lab");

/** Runs a command of the lab: `lab("node", "kill", "2")`. */
export function lab(...words: readonly string[]): string {
  return execFileSync(labScript, words, { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
}

// The test runner's own options are not for the programs that the lab starts.
const env = { ...process.env, NODE_OPTIONS: "", LAB_HOME: home, LAB_NET: net };

/** What a script prints on a machine, run as root. */
export const onNode = (index: number, script: string): string => lab("ssh", String(index), script);

export const nodeName = (index: number): string => `node${index}`;

export const nodeAddress = (index: number): string => `${net}.${10 + index}`;

/** The lab's own DNS: knows the machines, and the API servers by one name. */
export const nameServer = `${net}.4`;

/** The lab's S3 server: keys lab and lab-secret, bucket "backups". */
export const s3Address = `${net}.3`;

/** A name with the addresses of machines 1, 2 and 3. */
export const apiName = "api.lab";

export const login = (): { readonly user: string; readonly privateKey: string } => ({
  user: "root",
  privateKey: readFileSync(join(home, "id"), "utf8"),
});
