// npm run quickstart                          a cluster on simulated machines, from preview to destroy
// npm run quickstart -- --inventory hosts.yml  the same program on machines of your own, up to the first up
//                       --inventory hosts.yml --destroy  takes that away again; --yes asks nothing
// npm run quickstart -- --machines             only the simulated machines, for "pulumi up" in another terminal
import { rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";

import "../test/support/prepare.mjs";

const { values } = parseArgs({
  options: {
    inventory: { type: "string" },
    machines: { type: "boolean", default: false },
    destroy: { type: "boolean", default: false },
    yes: { type: "boolean", default: false },
  },
});

// Loaded only now: before the preparation there may be no packages to load.
const { aStack, folderOf } = await import("./stack.mjs");
const { startFleet, writeInventory } = await import("./fleet.mjs");

if (values.destroy && values.inventory === undefined) {
  console.error(
    "Cannot destroy anything: simulated clusters end with their machines\n  Name yours: --inventory hosts.yml --destroy",
  );
  process.exit(1);
}
if (values.inventory !== undefined) await onYourMachines(resolve(values.inventory));
else if (values.machines) await machinesOnly();
else await onSimulatedMachines();

async function onSimulatedMachines() {
  say("Starting 3 simulated machines", [
    "They run in this process: SSH, the Docker API, etcd and the Kubernetes API are spoken for real, behind them nothing runs.",
  ]);
  const { fleet, inventory, hosts } = await startFleet(folderOf("machines"));
  for (const { name, host, port, roles } of hosts)
    console.log(`  ${name}  ssh -p ${port} ${host}  ${roles.join(", ")}`);
  const stack = await aStack({ name: "simulated", inventory });
  try {
    await act("What would be made", stack.preview);
    await act("Making it: Kubernetes v1.30.9 on 3 nodes", stack.up);

    await stack.set("kubernetesVersion", "v1.31.4-rancher1-1");
    await act("What an upgrade to v1.31.4 would do, plane by plane", stack.preview);
    await act("Upgrading", stack.up);

    writeInventory(inventory, hosts.slice(0, -1));
    await act(`Taking ${hosts.at(-1).name} out: it leaves the cluster before it is cleaned`, stack.up);

    await act("Nothing to do, and nobody is asked", stack.preview);
    await act("Taking all of it away", stack.destroy);
  } finally {
    await fleet.close();
  }
  say("Done", [`The program is quickstart/index.js; yours can begin with examples/.`]);
}

async function onYourMachines(inventory) {
  const kubeconfig = join(folderOf("yours"), "kubeconfig");
  const passphrase = process.env.PULUMI_CONFIG_PASSPHRASE ?? "";
  const stack = await aStack({ name: "yours", inventory, isKept: true, passphrase });
  if (values.destroy) {
    await confirm("This takes the cluster and its data away from your machines.");
    await act("Taking it away", stack.destroy);
    rmSync(kubeconfig, { force: true });
    return;
  }
  await act("What would be made", stack.preview);
  if (passphrase === "") {
    console.log(
      "\nThe keys of the cluster will lie in .quickstart/yours, and PULUMI_CONFIG_PASSPHRASE, which protects them, is empty.",
    );
  }
  await confirm("This makes a cluster on your machines.");
  await act("Making it", stack.up);
  writeFileSync(kubeconfig, await stack.output("kubeconfig"), { mode: 0o600 });
  say("Done", [
    `Use it, from where port 6443 can be reached: kubectl --kubeconfig ${kubeconfig} get nodes`,
    `Take it away again: npm run quickstart -- --inventory ${values.inventory} --destroy`,
  ]);
}

async function machinesOnly() {
  const { inventory } = await startFleet(folderOf("machines"));
  say("3 simulated machines are up until Ctrl-C", [
    "In another terminal, in this folder, as if they were yours:",
    `  npm run quickstart -- --inventory ${relative(process.cwd(), inventory)}`,
    "or, with Pulumi installed, step by step:",
    `  export PULUMI_BACKEND_URL=file://${folderOf("machines")} PULUMI_CONFIG_PASSPHRASE=`,
    "  pulumi stack init dev && pulumi up",
    "  pulumi config set kubernetesVersion v1.31.4-rancher1-1 && pulumi up",
    "  pulumi destroy",
    "Their address is 127.0.0.1, told apart by the port. kubectl does not reach them: only SSH is listening.",
  ]);
  await new Promise((resolve) => process.once("SIGINT", resolve));
  process.exit(0);
}

async function confirm(sentence) {
  if (values.yes) return;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`\n${sentence} Go on? Type yes: `);
  terminal.close();
  if (answer.trim() === "yes") return;
  console.log("Nothing was done");
  process.exit(1);
}

async function act(title, deed) {
  say(title);
  const started = performance.now();
  await deed();
  console.log(`  (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}

function say(title, lines = []) {
  console.log(`\n\x1b[1m== ${title}\x1b[0m`);
  for (const line of lines) console.log(line);
}
