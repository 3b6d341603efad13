import { isReservedTaint, type NodeObject, type Taint } from "../desired/node-object.ts";
import { type Probe, until } from "../execute/wait.ts";
import type { Node } from "../hosts/kube-objects.ts";
import { changeNode } from "./kube-node.ts";
import { defineStep } from "./step.ts";

export interface SyncNodeObjectParams extends NodeObject {
  /** Of the Node object. */
  readonly name: string;
  /** Labels that we have put there earlier; those that are not wanted any more go. */
  readonly formerLabels?: Readonly<Record<string, string>>;
  /** Taints that we have put there earlier; those that are not wanted any more go. */
  readonly formerTaints?: readonly Taint[];
  readonly limitMs?: number;
}

/** Puts our labels, annotations and taints on a Node object, and takes former ones away. What others put there stays. */
export const syncNodeObject = defineStep<SyncNodeObjectParams>("sync-node-object", {
  title: ({ name }) => `label and taint ${name}`,

  async run(params, context) {
    const { name, limitMs = 180_000 } = params;
    const registered = async (signal: AbortSignal): Promise<Probe<Node>> => {
      const node = await (await context.kube()).node(name, { signal });
      return node === undefined
        ? { done: false, lastAnswer: "there is no such Node yet" }
        : { done: true, value: node };
    };
    const seen = await until(`${name} to register`, registered, {
      intervalMs: 1000,
      limitMs,
      context,
      hint: "See what its kubelet says (docker logs kubelet): its clock and its certificates are the usual reasons",
    });
    return changeNode(name, (node) => patchFor(node, params), { context, what: `label and taint ${name}`, seen });
  },
});

/** A merge patch of what differs; undefined when nothing does. */
export function patchFor({ metadata, spec }: Node, wanted: SyncNodeObjectParams): object | undefined {
  const obsolete = [...wanted.labelsToDelete, ...Object.keys(wanted.formerLabels ?? {})];
  const labels = difference(metadata.labels ?? {}, wanted.labels, obsolete);
  const annotations = difference(metadata.annotations ?? {}, wanted.annotations, []);
  const there = (spec.taints ?? []).map(({ key, value = "", effect }) => ({ key, value, effect }));
  const taints = taintsAfter(there, wanted);
  const isTainted = sameTaints(there, taints);
  if (labels === undefined && annotations === undefined && isTainted) return undefined;
  return {
    metadata: { ...(labels !== undefined && { labels }), ...(annotations !== undefined && { annotations }) },
    ...(!isTainted && { spec: { taints: taints.map(withoutEmptyValue) } }),
  };
}

function difference(
  there: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
  obsolete: readonly string[],
): Readonly<Record<string, string | null>> | undefined {
  const set = Object.entries(wanted).filter(([key, value]) => there[key] !== value);
  const gone = obsolete.filter((key) => key in there && !(key in wanted)).map((key) => [key, null] as const);
  const changes = [...set, ...gone];
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

/** A node has at most one taint of a key and effect. Those of roles are ours whoever has set them. */
function taintsAfter(there: readonly Taint[], { taints, formerTaints = [] }: SyncNodeObjectParams): readonly Taint[] {
  const replaced = (taint: Taint) => taints.some((one) => isSameName(one, taint));
  const former = (taint: Taint) => isReservedTaint(taint) || formerTaints.some((one) => isSameTaint(one, taint));
  return [...there.filter((taint) => !replaced(taint) && !former(taint)), ...taints];
}

const isSameName = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

const isSameTaint = (a: Taint, b: Taint): boolean => isSameName(a, b) && a.value === b.value;

const sameTaints = (a: readonly Taint[], b: readonly Taint[]): boolean =>
  a.length === b.length && a.every((taint) => b.some((other) => isSameTaint(taint, other)));

const withoutEmptyValue = ({ key, value, effect }: Taint) => ({ key, ...(value !== "" && { value }), effect });
