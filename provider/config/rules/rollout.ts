import type { z } from "zod";

import type { Path } from "../finding.ts";
import { quoted } from "../quoted.ts";
import type { toleration, updateStrategy } from "../schema/values.ts";
import { type Draft, failure, type Verdict } from "./draft.ts";

/** How addons are replaced and where they may run: what Kubernetes would refuse after the nodes are done already. */
export function* rolloutRules({ config, given }: Draft): Generator<Verdict> {
  const { network, ingress, dns, monitoring } = config;
  yield* strategyRules(given.network?.updateStrategy, ["network", "updateStrategy"], "OnDelete");
  yield* strategyRules(given.ingress?.updateStrategy, ["ingress", "updateStrategy"], "OnDelete");
  yield* strategyRules(given.dns?.updateStrategy, ["dns", "updateStrategy"], "Recreate");
  yield* strategyRules(given.dns?.nodelocal?.updateStrategy, ["dns", "nodelocal", "updateStrategy"], "OnDelete");
  yield* strategyRules(given.monitoring?.updateStrategy, ["monitoring", "updateStrategy"], "Recreate");
  for (const [name, block] of Object.entries({ network, ingress, dns, monitoring })) {
    yield* tolerationRules(block.tolerations ?? [], [name, "tolerations"]);
  }
}

/** How many nodes are replaced at a time. */
export function* upgradeRules({ config }: Draft): Generator<Verdict> {
  for (const key of ["maxUnavailableWorker", "maxUnavailableControlplane"] as const) {
    const value = String(config.upgradeStrategy[key]);
    if (/^\+?0*[1-9]\d*%?$/.test(value)) continue;
    const reason = `${quoted(value)} is not a number of nodes: write a number above 0, or a percentage such as "10%"`;
    yield failure(["upgradeStrategy", key], reason);
  }
  const { gracePeriod = -1 } = config.upgradeStrategy.nodeDrainInput ?? {};
  if (gracePeriod < -1) {
    yield failure(
      ["upgradeStrategy", "nodeDrainInput", "gracePeriod"],
      `${gracePeriod} is not a time: write seconds, or -1`,
    );
  }
}

type Other = "OnDelete" | "Recreate";

function* strategyRules(
  given: z.output<typeof updateStrategy> | undefined,
  path: Path,
  other: Other,
): Generator<Verdict> {
  if (given === undefined) return;
  const { strategy = "", rollingUpdate = {} } = given;
  if (strategy !== "" && strategy !== "RollingUpdate" && strategy !== other) {
    const reason = `The strategy ${quoted(strategy)} is not possible here: "RollingUpdate" and "${other}" are`;
    yield failure([...path, "strategy"], reason);
  }
  for (const [key, value] of Object.entries(rollingUpdate)) {
    const isPossible = typeof value === "string" ? /^\d+%$/.test(value) : value === undefined || value >= 0;
    if (isPossible) continue;
    const reason = `${typeof value === "string" ? quoted(value) : value} is not a number of pods: write a number, or a percentage such as "25%"`;
    yield failure([...path, "rollingUpdate", key], reason);
  }
}

function* tolerationRules(tolerations: readonly z.output<typeof toleration>[], path: Path): Generator<Verdict> {
  for (const [
    index,
    { key = "", operator = "", value = "", effect = "", tolerationSeconds },
  ] of tolerations.entries()) {
    const at = (name: string): Path => [...path, index, name];
    const basis = [at("operator"), at("effect")];
    if (key === "" && operator !== "Exists") {
      yield failure(at("key"), 'The key is missing: without one, the operator must be "Exists"', basis);
    }
    if (operator === "Exists" && value !== "") {
      yield failure(at("value"), `The operator "Exists" takes no value, and ${quoted(value)} is given`, basis);
    }
    if (tolerationSeconds !== undefined && effect !== "NoExecute") {
      yield failure(at("tolerationSeconds"), 'Seconds are possible with the effect "NoExecute" only', basis);
    }
  }
}
