import { EngineCalls } from "../../../provider/resources/engine-call.ts";
import type { Surroundings } from "../../../provider/resources/handler.ts";
import { countedSerials, pooledKeys } from "../pki/world.ts";

/** A quiet world; what is said can be read in `lines`. */
export function surroundings(changes: Partial<Surroundings> = {}): Surroundings & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    clock: () => new Date(),
    keys: pooledKeys(),
    serials: countedSerials(),
    log: (line) => lines.push(line),
    logFolder: undefined,
    rows: () => undefined,
    calls: new EngineCalls(),
    ...changes,
    lines,
  };
}
