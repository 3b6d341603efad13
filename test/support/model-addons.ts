import { refKey, refLine, refOf, refOfLine } from "../../provider/desired/addons/object-ref.ts";
import type { AddonPlan } from "../../provider/desired/addons/plan-addons.ts";
import type { AddonFact } from "../../provider/observed/facts.ts";
import type { ApplyAddonParams } from "../../provider/steps/apply-addon.ts";
import type { PruneAddonParams } from "../../provider/steps/prune-addon.ts";
import type { WaitForRolloutParams } from "../../provider/steps/wait-for-rollout.ts";

/** What a cluster remembers of its addons, and which of their objects somebody has changed. */
export class ModelAddons {
  readonly #records = new Map<string, AddonFact>();

  facts(): AddonFact[] {
    return [...this.#records.values()];
  }

  /** Has addons deployed, and seen to run. */
  settle(plans: readonly AddonPlan[]): void {
    for (const { name, digest, objects } of plans) {
      const lines = objects.map((object) => refLine(refOf(object)));
      this.#records.set(name, { name, digest, isRolledOut: true, objects: lines, changed: [] });
    }
  }

  /** Somebody changes the first object of an addon. */
  disturb(name: string): void {
    const record = this.#of(name);
    this.#records.set(name, { ...record, changed: record.objects.slice(0, 1) });
  }

  apply({ addon, digest, objects, isWaitedFor }: ApplyAddonParams): void {
    const wanted = objects.map(refOf);
    const keys = new Set(wanted.map(refKey));
    const before = this.#records.get(addon)?.objects ?? [];
    const leaving = before.filter((line) => !keys.has(refKey(refOfLine(line))));
    const lines = [...leaving, ...wanted.map(refLine)];
    this.#records.set(addon, { name: addon, digest, isRolledOut: !isWaitedFor, objects: lines, changed: [] });
  }

  /** A run that is killed before all objects are applied. */
  applyHalf(params: ApplyAddonParams): void {
    this.apply(params);
    this.#records.set(params.addon, { ...this.#of(params.addon), digest: "", isRolledOut: false });
  }

  prune({ addon, refs, isRemoved }: PruneAddonParams): void {
    const gone = new Set(refs.map(refKey));
    const record = this.#of(addon);
    if (isRemoved) this.#records.delete(addon);
    else {
      const objects = record.objects.filter((line) => !gone.has(refKey(refOfLine(line))));
      this.#records.set(addon, { ...record, objects });
    }
  }

  waitFor({ addon, digest }: WaitForRolloutParams): void {
    const record = this.#of(addon);
    if (record.digest === digest) this.#records.set(addon, { ...record, isRolledOut: true });
  }

  #of(name: string): AddonFact {
    const record = this.#records.get(name);
    if (record === undefined) throw new Error(`Nothing is known of ${name}`);
    return record;
  }
}
