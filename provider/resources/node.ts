import { applyDefaults } from "../config/defaults.ts";
import { hasUnknown, unknownValue } from "../config/unknowns.ts";
import { planCluster } from "../desired/cluster-plan.ts";
import { RkeError } from "../errors.ts";
import type { ReachedNode } from "../observed/facts.ts";
import { type CheckName, checkNames, preflight } from "../preflight/preflight.ts";
import { defaultVersion, releaseOf } from "../releases/index.ts";
import { Secret } from "../secrets.ts";
import type { NodeFactsOutput } from "../state/node-state.ts";
import { clusterArgs, programPath } from "./cluster-inputs.ts";
import { durationMs } from "./duration.ts";
import type { Call, CheckFailure, Handler, Properties, Surroundings } from "./handler.ts";
import { bringDown, type Operation } from "./operation.ts";
import { parseInputs, textsIn } from "./parsed-inputs.ts";
import { changedInputs, isMap, isSame, storable, textAt } from "./properties.ts";
import { type Run, type RunOptions, withRun } from "./run.ts";
import { awaitMachine, seeMachine } from "./see-machine.ts";
import { connectionBy } from "./ways.ts";

/** `hostKey` is an input where a person gives it, and an output where it was seen first. */
const outputs = ["facts", "hostKey"];

/** RkeNode: one machine, from its first answer until it is clean again. */
export function nodeHandler(surroundings: Surroundings): Handler {
  const { calls } = surroundings;
  return {
    async check({ olds, news }) {
      const { inputs: given, call } = calls.take(news);
      const inputs = sorted(given);
      calls.keep(inputs, call);
      // What has been accepted once stays so; a fleet of nodes that nobody has changed is not judged one by one again.
      return { inputs, failures: changedInputs(olds, inputs, { outputs: [] }).length === 0 ? [] : failuresOf(given) };
    },

    diff: async ({ olds, news }) => {
      const changed = changedInputs(olds, news, { outputs });
      const isMoved = !isSame(addressIn(olds), addressIn(news));
      return {
        changes: changed.length > 0,
        ...(isMoved && { replaces: [news.address === undefined ? "host" : "address"] }),
      };
    },

    async create({ news, ...call }) {
      const { urn } = calls.of(news) ?? {};
      const outs = await meet(news, { doing: "create the node", urn, surroundings, ...call });
      return { id: String(addressIn(news)), outs };
    },

    async read({ id, olds: known, ...call }) {
      const { inputs: olds } = calls.take(known);
      if (textAt(olds, "host") === undefined) throw notThere(id);
      const options = runOptions(olds, { doing: "look at the node", limitMs: lookLimitMs });
      return withRun(options, { surroundings, ...call }, async (run) => {
        const { facts, hostKey } = await seeMachine(connectionBy(olds), { name: id, run, clock: surroundings.clock });
        if (facts.status === "reached") {
          return { id, props: storable({ ...olds, hostKey: olds.hostKey ?? hostKey, facts: factsOf(facts) }) };
        }
        run.say(`it does not answer: ${facts.because}`);
        return { id, props: olds };
      });
    },

    async update({ olds, news, ...call }) {
      const way = { ...news, hostKey: news.hostKey ?? olds.hostKey };
      const { urn } = calls.of(news) ?? {};
      return { outs: await meet(way, { doing: "update the node", urn, surroundings, ...call }) };
    },

    async delete({ id, olds, ...call }) {
      if (olds.onDelete !== "leave") await clean(id, olds, { surroundings, ...call });
    },
  };
}

const notThere = (id: string): RkeError =>
  new RkeError("state", {
    doing: `read the RkeNode ${id}`,
    because: "nothing says how the machine is reached",
    hint: "Give RkeNode.get the arguments of the node: host, user, privateKey and what else it takes to get in",
  });

/** What becomes of the machine's Kubernetes when the node goes. */
const choices = ["clean", "strict", "leave"];

const lookLimitMs = 120_000;
const usualPatience = "10m";

type RunCall = Call & { readonly surroundings: Surroundings };

/** Waits for the machine, looks at it, and says what a cluster will object to. */
async function meet(
  inputs: Properties,
  { doing, urn, surroundings, ...call }: RunCall & { doing: string; urn: string | undefined },
): Promise<Properties> {
  const waitForMs = durationMs(textAt(inputs, "waitFor") ?? usualPatience) ?? 600_000;
  const options = { ...runOptions(inputs, { doing, limitMs: waitForMs + lookLimitMs }), urn };
  return withRun(options, { surroundings, ...call }, async (run) => {
    const { clock } = surroundings;
    const connection = connectionBy(inputs);
    await awaitMachine(connection, { name: options.subject, run, clock, waitForMs });
    const { facts, hostKey } = await seeMachine(connection, { name: options.subject, run, clock });
    if (facts.status === "unreachable") {
      throw new RkeError("ssh", { doing, node: options.subject, because: facts.because });
    }
    tellObjections(inputs, facts, run);
    return storable({ ...inputs, hostKey: inputs.hostKey ?? hostKey, facts: factsOf(facts) });
  });
}

const factsOf = ({ machine }: ReachedNode): NodeFactsOutput => ({
  hostname: machine.hostname,
  os: machine.os,
  architecture: machine.architecture,
  kernel: machine.kernel,
  cpus: machine.cpus,
  memoryBytes: machine.memoryBytes,
  dockerVersion: machine.docker.serverVersion,
});

/** What can be said about a machine alone, whatever the cluster; the rest is for the cluster's own preflight. */
const checksOfMachine: readonly CheckName[] = ["swap", "cgroup-v1", "br-netfilter", "clock-skew", "unknown-facts"];

function tellObjections(inputs: Properties, facts: ReachedNode, run: Run): void {
  const { config, release } = pretended(inputs);
  const address = String(addressIn(inputs));
  const seen = { version: 1, seenAt: "", nodes: { [address]: facts } } as const;
  const waived = checkNames.filter((name) => !checksOfMachine.includes(name));
  // Whether an objection is a reason to stop is for the cluster to say, which knows what is waived.
  for (const { reason } of preflight(planCluster(config, release), seen, { waived })) {
    run.emit({ kind: "notice", text: reason });
  }
}

/** A cluster of this machine only, for what needs one. */
function pretended(inputs: Properties): Pick<Operation, "config" | "release"> {
  const release = releaseOf(defaultVersion);
  return { config: applyDefaults(clusterArgs(asCluster(inputs)), release), release };
}

/** Makes the machine as it was. One that does not answer is most often gone for good, and Pulumi must not wait for it. */
async function clean(id: string, olds: Properties, { surroundings, ...call }: RunCall): Promise<void> {
  const options = runOptions(olds, { doing: "clean the node", limitMs: 1_800_000 });
  await withRun(options, { surroundings, ...call }, async (run) => {
    const { facts } = await bringDown({
      ...pretended(olds),
      certificates: {},
      connections: () => connectionBy(olds),
      holder: `RkeNode ${id}`,
      clock: surroundings.clock,
      signal: run.signal,
      emit: run.emit,
    });
    const seen = facts.nodes[id];
    // That it was not cleaned, the run has told.
    if (seen?.status !== "unreachable" || olds.onDelete !== "strict") return;
    throw new RkeError("ssh", {
      doing: "clean the node",
      node: options.subject,
      because: `it does not answer: ${seen.because}`,
      hint: 'Bring it back and run it again; or, if it is gone for good, set onDelete to "clean" or run pulumi state delete',
    });
  });
}

function failuresOf(inputs: Properties): CheckFailure[] {
  const { waitFor, onDelete, agentSocketPath, hostKey } = inputs;
  const prefix = `nodes.${nodeKey}.`;
  const parsed = parseInputs(asCluster(inputs));
  const found = parsed.ok ? [] : parsed.failures;
  const failures = found
    .filter(({ path: [first, , key] }) => first === "nodes" && key !== undefined)
    .map(({ path, reason }) => ({ path: programPath(path, asCluster(inputs)), reason }))
    .map(({ path, reason }) => ({ property: path.replace(prefix, ""), reason }));
  const isOpen = waitFor === undefined || hasUnknown(waitFor);
  const isOdd = onDelete !== undefined && ![...choices, unknownValue].includes(String(onDelete));
  const texts = Object.entries({ agentSocketPath, hostKey }).filter(
    ([, value]) => value !== undefined && typeof value !== "string",
  );
  return [
    ...failures,
    ...(isOpen || durationMs(String(waitFor)) !== undefined
      ? []
      : [{ property: "waitFor", reason: `"${String(waitFor)}" is not a length of time: write 90s, 10m or 1h30m` }]),
    ...(isOdd ? [{ property: "onDelete", reason: 'One of "clean", "strict" and "leave" is wanted' }] : []),
    ...texts.map(([property]) => ({ property, reason: "A text is wanted" })),
  ];
}

const nodeKey = "node";

const connectionWords = ["privateKey", "certificate", "sshKeyPath", "sshCertPath"];
const machineWords = [
  "host",
  "port",
  "user",
  "address",
  "internalAddress",
  "hostnameOverride",
  "roles",
  "labels",
  "taints",
  "dockerSocket",
];

/** The node as one of a cluster, so that the same rules judge it. */
function asCluster(inputs: Properties): Properties {
  const only = (words: readonly string[]) =>
    Object.fromEntries(Object.entries(inputs).filter(([word]) => words.includes(word)));
  return { nodes: { [nodeKey]: only(machineWords) }, connections: { [nodeKey]: only(connectionWords) } };
}

/** The order of roles means nothing, and a preview should not speak of it. */
function sorted(news: Properties): Properties {
  const { roles } = news;
  return Array.isArray(roles) && !hasUnknown(roles) ? { ...news, roles: roles.toSorted() } : news;
}

/** What identifies the machine. */
const addressIn = ({ address, host }: Properties): unknown => address ?? host;

function runOptions(inputs: Properties, { doing, limitMs }: { doing: string; limitMs: number }): RunOptions {
  const { privateKey, privateKeyPassword, proxy, hostnameOverride } = inputs;
  const keys = [privateKey, privateKeyPassword, ...(isMap(proxy) ? [proxy.privateKey, proxy.privateKeyPassword] : [])];
  return {
    subject: String(hostnameOverride ?? addressIn(inputs)),
    doing,
    limitMs,
    secrets: textsIn(keys).map((text) => new Secret(text)),
  };
}
