import type { EngineEvent, OutputMap } from "@pulumi/pulumi/automation/index.js";

/** What a person saw of one `pulumi up`, `preview`, `refresh` or `destroy`, and what it did. */
export interface Run {
  /** What became of each resource that did not stay the same, by its name: `{ prod: "update" }`. */
  readonly changes: Readonly<Record<string, string>>;
  /** The inputs that differ, by resource: `nodes.web-1`. */
  readonly differences: Readonly<Record<string, readonly string[]>>;
  /** In the order in which the engine began them: `delete web-2`. */
  readonly order: readonly string[];
  /** Those of the stack, after an `up` that came to its end. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Everything printed, with what the provider wrote to stderr. */
  readonly printed: string;
  /** Why it failed. */
  readonly failure: string | undefined;
}

interface Material {
  readonly events: readonly EngineEvent[];
  readonly printed: string;
  readonly failure: string | undefined;
  readonly outputs: OutputMap;
}

export function runOf({ events, printed, failure, outputs }: Material): Run {
  const steps = events.flatMap(({ resourcePreEvent, resOutputsEvent }) => {
    // A refresh knows only afterwards what it found.
    const metadata = resOutputsEvent?.metadata ?? resourcePreEvent?.metadata;
    return metadata === undefined
      ? []
      : [{ ...metadata, name: nameIn(metadata.urn), isBegun: resOutputsEvent === undefined }];
  });
  const telling = steps.filter(({ op, type }) => !silent.has(op) && !type.startsWith("pulumi:"));
  return {
    changes: Object.fromEntries(telling.map(({ name, op }) => [name, op])),
    differences: Object.fromEntries(
      telling.map((step) => [step.name, differing(step.old?.inputs ?? {}, step.new?.inputs ?? {})]),
    ),
    order: telling.filter(({ isBegun }) => isBegun).map(({ name, op }) => `${op} ${name}`),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])),
    printed,
    failure,
  };
}

const silent = new Set<string>(["same", "read", "refresh"]);

/** What a program calls a resource. */
export const nameIn = (urn: string): string => urn.split("::").at(-1) ?? urn;

/** Names of what differs, two levels deep. */
function differing(before: Inputs, after: Inputs, isTop = true): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].sort().flatMap((name) => {
    const [one, other] = [before[name], after[name]];
    if (JSON.stringify(one) === JSON.stringify(other)) return [];
    if (!isTop || !isMap(one) || !isMap(other)) return [name];
    return differing(one, other, false).map((below) => `${name}.${below}`);
  });
}

type Inputs = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Inputs => typeof value === "object" && value !== null && !Array.isArray(value);
