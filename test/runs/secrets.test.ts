import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";

import { journalPath, lockName } from "../../provider/execute/lock-record.ts";
import type { Bundle } from "../../provider/pki/bundle.ts";
import { progressPrinter } from "../../provider/progress-printer.ts";
import type { Operation } from "../../provider/resources/operation.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Cluster } from "./cluster.ts";
import { nodeWith, type Roles } from "./operation-on.ts";
import { enter, staged } from "./scenarios.ts";

const all: Roles = ["etcd", "controlplane", "worker"];
const password = "correct horse battery staple";
const encryptionKey = "bm90IHNvIHNlY3JldCBhZnRlciBhbGwsIGlzIGl0Pz8=";
const args = {
  nodes: [nodeWith(1, all), nodeWith(2, ["worker"])],
  privateRegistries: [{ url: "docker.io", user: "robot", password, isDefault: false }],
  services: { kubeApi: { secretsEncryptionConfig: { enabled: true } } },
};

const misfortunes: readonly { readonly name: string; readonly befall: (fleet: Fleet) => void }[] = [
  { name: "a registry refuses", befall: ({ faults }) => void faults.failPulls("denied", { what: /hyperkube/ }) },
  {
    name: "a container cannot be made",
    befall: ({ faults }) =>
      void faults.refuse(409, "Conflict", { what: /^POST \/containers\/create\?name=(?!pulumi-rke-lock)/ }),
  },
  {
    name: "files cannot be written",
    befall: ({ faults }) => void faults.refuse(500, "no space left on device", { what: /^PUT .*archive/ }),
  },
  {
    name: "the API server says no",
    befall: ({ faults }) => void faults.refuse(403, "Forbidden", { layer: "kube", what: /^PATCH/ }),
  },
  { name: "etcd says no", befall: ({ faults }) => void faults.refuse(500, "etcdserver: corrupt", { layer: "etcd" }) },
  {
    name: "a machine refuses the key",
    befall: (fleet) => {
      fleet.node("node-2").ssh.faults.refuseAuthentication = true;
    },
  },
];

let fleet: Fleet;
let cluster: Cluster;
/** Everything that a person, a log or a state could get to see. */
let told: string[];
afterEach(async () => fleet.close());

async function begin(): Promise<void> {
  ({ fleet, cluster } = await enter(await staged({ machines: 2 }), { after: args }));
  told = [];
}

/** Runs, and keeps what it prints, throws and leaves behind; whether it works is somebody else's business. */
async function run(deed: (changes: Partial<Operation>) => Promise<unknown>): Promise<void> {
  const watch = setInterval(keepJournals, 5);
  try {
    keep(await deed({ encryptionKeys: [{ name: "key-1", secret: encryptionKey }] }));
  } catch (error) {
    keep(error);
  } finally {
    clearInterval(watch);
  }
  const print = progressPrinter({
    cluster: "prod",
    nameOf: (address) => address,
    write: (line) => told.push(line),
    clock: () => new Date(),
    nodeCount: 2,
  });
  for (const event of cluster.events) {
    print(event);
    keep(event);
  }
}

function keep(value: unknown): void {
  told.push(inspect(value, { depth: 20, maxStringLength: null, maxArrayLength: null }), JSON.stringify(value) ?? "");
  if (value instanceof Error) told.push(value.message, value.stack ?? "");
}

function keepJournals(): void {
  for (const { machine } of fleet.nodes) {
    const journal = machine.find(lockName)?.files.read(journalPath);
    if (journal !== undefined) told.push(`journal: ${journal.toString("utf8")}`);
  }
}

/** What must be nowhere: keys as they are, line by line, and in base64. */
async function secrets(): Promise<readonly string[]> {
  const bundle: Bundle = await cluster.certificates();
  const keys = [
    ...Object.values(bundle).flatMap(({ key }) => key?.unwrap() ?? []),
    ...fleet.nodes.map(({ privateKey }) => privateKey),
  ];
  const lines = keys.flatMap((key) => key.split("\n").filter((line) => line.length > 30 && !line.startsWith("-----")));
  const encoded = keys.map((key) => Buffer.from(key).toString("base64").slice(0, 200));
  return [...lines, ...encoded, password, Buffer.from(password).toString("base64"), encryptionKey];
}

async function revealed(): Promise<readonly string[]> {
  const everything = told.join("\n");
  return (await secrets()).filter((secret) => everything.includes(secret));
}

describe("bringUp() and bringDown()", () => {
  it("tell no secret when all goes well", async () => {
    await begin();

    await run((changes) => cluster.up(changes));
    await run((changes) => cluster.up(changes));
    await run((changes) => cluster.down(changes));

    expect(told.join("\n")).toContain("journal: ");
    expect(await revealed()).toEqual([]);
  });

  it.each(misfortunes)("tell no secret when $name", async ({ befall }) => {
    await begin();
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), 3000);
    befall(fleet);

    await run((changes) => cluster.up({ ...changes, signal: limit.signal }));
    clearTimeout(timer);

    expect(told.length).toBeGreaterThan(10);
    expect(await revealed()).toEqual([]);
  });

  it("would be found out: what is looked for is what lies on the machines", async () => {
    await begin();
    await run((changes) => cluster.up(changes));

    const { disk } = fleet.node("node-1").machine;

    told = disk.list("/etc/kubernetes").map((path) => disk.read(path)?.toString("utf8") ?? "");

    const found = await revealed();
    expect(found.length).toBeGreaterThan(50);
    expect(found).toContain(encryptionKey);
  });
});
