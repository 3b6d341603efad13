// What a snapshot of a large etcd takes through `pulumi up`, beside what a person would do: `etcdctl snapshot save` on the
// machine and a copy of the file by ssh. Ours is also checked by etcd's own tool and packed. And the most memory that the
// process had in which all of it happens. Needs what test/lab/README.md says, and --mb of disk three times over.
import { join } from "node:path";

import { pulumiCli } from "../support/pulumi-cli.mjs";
import { load } from "../support/typescript.mjs";

export async function bench({ mb = "1900" }) {
  await pulumiCli({ say: console.error });
  const { benchLabBackup } = load(join(import.meta.dirname, "lab/bench-lab-backup.ts"));
  return benchLabBackup({ mb: Number(mb) });
}
