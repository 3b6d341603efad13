import type { Path } from "../finding.ts";
import { labelKeyProblem, labelValueProblem } from "../kubernetes-syntax.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

/** Labels and taints of the nodes, and the labels that addons select nodes by. */
export function* labelAndTaintRules({ config }: Draft): Generator<Verdict> {
  for (const [index, node] of config.nodes.entries()) {
    yield* labelRules(node.labels ?? {}, ["nodes", index, "labels"]);
    for (const key of Object.keys(node.labels ?? {})) {
      if (!/^node-role\.kubernetes\.io\/(etcd|controlplane|worker)$/.test(key)) continue;
      const reason = `The label ${quoted(key)} follows from the role: this value is replaced`;
      yield warning(["nodes", index, "labels", key], reason);
    }
    yield* taintRules(node.taints ?? [], ["nodes", index, "taints"]);
  }
  const selectors: readonly (readonly [Path, Readonly<Record<string, string>> | undefined])[] = [
    [["network", "nodeSelector"], config.network.nodeSelector],
    [["ingress", "nodeSelector"], config.ingress.nodeSelector],
    [["dns", "nodeSelector"], config.dns.nodeSelector],
    [["dns", "nodelocal", "nodeSelector"], config.dns.nodelocal?.nodeSelector],
    [["monitoring", "nodeSelector"], config.monitoring.nodeSelector],
  ];
  for (const [path, labels] of selectors) yield* labelRules(labels ?? {}, path);
}

function* labelRules(labels: Readonly<Record<string, string>>, path: Path): Generator<Verdict> {
  for (const [key, value] of Object.entries(labels)) {
    const keyProblem = labelKeyProblem(key);
    if (keyProblem !== undefined)
      yield failure([...path, key], `${quoted(key)} cannot be the key of a label: ${keyProblem}`);
    const valueProblem = labelValueProblem(value);
    if (valueProblem !== undefined) {
      yield failure([...path, key], `${quoted(value)} cannot be the value of a label: ${valueProblem}`);
    }
  }
}

type Taint = NonNullable<Draft["config"]["nodes"][number]["taints"]>[number];

const reserved: ReadonlySet<string> = new Set([
  "node-role.kubernetes.io/etcd:NoExecute",
  "node-role.kubernetes.io/controlplane:NoSchedule",
]);

function* taintRules(taints: readonly Taint[], path: Path): Generator<Verdict> {
  const seen = new Set<string>();
  for (const [index, { key = "", value = "", effect = "" }] of taints.entries()) {
    const at = (name: string): Path => [...path, index, name];
    const keyProblem = labelKeyProblem(key);
    if (keyProblem !== undefined)
      yield failure(at("key"), `${quoted(key)} cannot be the key of a taint: ${keyProblem}`);
    const valueProblem = labelValueProblem(value);
    if (valueProblem !== undefined) {
      yield failure(at("value"), `${quoted(value)} cannot be the value of a taint: ${valueProblem}`);
    }
    if (effect === "") {
      yield failure(at("effect"), 'The effect is missing: write "NoSchedule", "PreferNoSchedule" or "NoExecute"');
      continue;
    }
    const name = `${key}:${effect}`;
    const basis = [at("key"), at("effect")];
    if (reserved.has(name)) {
      yield warning(
        [...path, index],
        `The taint ${quoted(name)} is reserved for what the roles ask for: it is ignored`,
        basis,
      );
    } else if (seen.has(name)) {
      yield warning([...path, index], `The taint ${quoted(name)} stands twice: the first is used`, basis);
    }
    seen.add(name);
  }
}
