// The time of each operation on real machines, through `pulumi up`, beside that of the peer; how low one could go; and who
// was not answered meanwhile. Needs what test/lab/README.md says, and a quarter of an hour once the lab is built.
//
// --trace FILE writes a timeline, --only create3,noop takes some of the scenarios. With RKE_BIN the peer is run as well,
// else its figures are those of peer.json, measured on the lab of a machine with two processors.
//
// `seconds` are whole runs, from the start of Pulumi's processes to their end, addons awaited; `nodesReady` is what the
// kubelets say. The machines share the processors of this one and hold the images already.
import { join } from "node:path";

import { pulumiCli } from "../support/pulumi-cli.mjs";
import { load } from "../support/typescript.mjs";

export async function bench({ trace, only }) {
  await pulumiCli({ say: console.error });
  const { benchLab } = load(join(import.meta.dirname, "lab/bench-lab.ts"));
  return benchLab({ trace, only });
}
