import { createHash } from "node:crypto";

import type { Properties } from "./handler.ts";
import { canonical, isMap, textAt } from "./properties.ts";

/** What the class knows of the engine's run, and what the dynamic provider's process is not told. */
export interface EngineCall {
  readonly isPreview: boolean;
  /** The resource's own row in the display. */
  readonly urn: string | undefined;
}

/**
 * Keeps what `check` has learnt from the class until `diff`, `create` and `update` are called for the same inputs, which
 * Pulumi does from the same process. It lies in no state: it is true for one run only.
 */
export class EngineCalls {
  readonly #byInputs = new Map<string, EngineCall>();

  /** The inputs without what the class has put among them for this run. */
  take({ __call: call, ...inputs }: Properties): {
    readonly inputs: Properties;
    readonly call: EngineCall | undefined;
  } {
    if (!isMap(call)) return { inputs, call: undefined };
    return { inputs, call: { isPreview: call.isPreview === true, urn: textAt(call, "urn") } };
  }

  keep(inputs: Properties, call: EngineCall | undefined): void {
    if (call !== undefined) this.#byInputs.set(keyOf(inputs), call);
  }

  /** Undefined where no program has run before: in a refresh, and for what has left the program. */
  of(inputs: Properties): EngineCall | undefined {
    return this.#byInputs.get(keyOf(inputs));
  }
}

/** By a hash: inputs are large, and secrets are among them. */
const keyOf = ({ __provider, ...inputs }: Properties): string =>
  createHash("sha256").update(canonical(inputs)).digest("hex");
