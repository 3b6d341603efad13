import { authnStrategies } from "../defaults.ts";
import { parseIp } from "../ip.ts";
import { isDuration, subdomainProblem } from "../kubernetes-syntax.ts";
import { quoted } from "../quoted.ts";
import { yamlTree } from "../yaml/tree.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

/** Who may speak with the API server, under which names it is known, and what those who may can do. */
export function* authenticationRules({ config }: Draft): Generator<Verdict> {
  const { strategy, sans = [], webhook } = config.authentication;
  const path = ["authentication", "strategy"];
  const strategies = authnStrategies(strategy);
  for (const unknown of strategies.filter((name) => name !== "x509" && name !== "webhook")) {
    yield failure(path, `The strategy ${quoted(unknown)} is not possible: "x509" and "x509|webhook" are`);
  }
  if (!strategies.includes("x509")) {
    yield failure(path, `${quoted(strategy)} lacks "x509", which the components need: write "x509|webhook"`);
  }
  for (const [index, name] of sans.entries()) {
    const isName = subdomainProblem(name.replace(/^\*\./, "").replace(/\.$/, "").toLowerCase()) === undefined;
    if (isName || parseIp(name) !== undefined) continue;
    yield warning(
      ["authentication", "sans", index],
      `${quoted(name)} is neither an address nor a DNS name: no client will ask for it`,
    );
  }
  if (webhook?.cacheTimeout !== undefined && !isDuration(webhook.cacheTimeout)) {
    const reason = `${quoted(webhook.cacheTimeout)} is not a duration: write 5s, or 1m`;
    yield failure(["authentication", "webhook", "cacheTimeout"], reason);
  }
  const kubeconfig = webhook?.configFile === undefined ? undefined : yamlTree(webhook.configFile);
  if (kubeconfig !== undefined && !(kubeconfig.ok && kubeconfig.root?.kind === "map")) {
    yield failure(
      ["authentication", "webhook", "configFile"],
      "The text is not a kubeconfig: give its contents, not its path",
    );
  }
  const { mode } = config.authorization;
  if (mode !== "rbac" && mode !== "none") {
    yield warning(["authorization", "mode"], `The mode ${quoted(mode)} works like "none": "rbac" and "none" are known`);
  }
}
