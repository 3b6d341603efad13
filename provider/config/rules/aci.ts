import { aciOptions } from "../aci-options.ts";
import { parseCidr } from "../ip.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict } from "./draft.ts";

/** What the ACI plugin cannot do without. */
const requiredTexts = [
  "systemId",
  "token",
  "apicUserName",
  "apicUserKey",
  "apicUserCrt",
  "encapType",
  "mcastRangeStart",
  "mcastRangeEnd",
  "nodeSubnet",
  "aep",
  "vrfName",
  "vrfTenant",
  "l3out",
  "externDynamic",
  "externStatic",
  "nodeSvcSubnet",
  "kubeApiVlan",
  "serviceVlan",
  "infraVlan",
] as const;

const requiredLists = ["apicHosts", "l3outExternalNetworks"] as const;

/** Settings for ACI in public clouds, which RKE refuses unless they are what they are by default. */
const cloudOnly = [
  "useOpflexServerVolume",
  "useHostNetnsVolume",
  "capic",
  "runGbpContainer",
  "runOpflexServerContainer",
  "epRegistry",
  "opflexMode",
  "subnetDomainName",
  "kafkaClientCrt",
  "kafkaClientKey",
  "overlayVrfName",
  "gbpPodSubnet",
  "opflexServerPort",
] as const;

/** The block of the ACI plugin: what is missing, and what is not for machines of one's own. */
export function* aciRules({ config: { network } }: Draft): Generator<Verdict> {
  if (network.plugin !== "aci") return;
  const block = network.aciNetworkProvider ?? {};
  const basis = [["network", "plugin"]];
  const missing = [
    ...requiredTexts.filter((key) => !network.options[aciOptions[key]?.option ?? ""]),
    ...requiredLists.filter((key) => (block[key] ?? []).length === 0),
  ];
  if (network.aciNetworkProvider === undefined && missing.length > 0) {
    const reason = `The network plugin "aci" needs this block, with ${missing.join(", ")}`;
    yield failure(["network", "aciNetworkProvider"], reason, basis);
    return;
  }
  for (const key of missing) {
    const option = aciOptions[key as keyof typeof aciOptions]?.option;
    const paths = option === undefined ? basis : [...basis, ["network", "options", option]];
    yield failure(
      ["network", "aciNetworkProvider", key],
      'The network plugin "aci" needs this setting: it is missing',
      paths,
    );
  }
  for (const key of ["externDynamic", "externStatic"] as const) {
    const option = aciOptions[key]?.option ?? "";
    const wrong = (network.options[option] ?? "")
      .split(",")
      .find((part) => part !== "" && parseCidr(part) === undefined);
    if (wrong === undefined) continue;
    const reason = `${quoted(wrong)} is not a range of addresses: write a range such as 10.3.0.0/16`;
    yield failure(["network", "aciNetworkProvider", key], reason, [...basis, ["network", "options", option]]);
  }
  for (const key of cloudOnly) {
    const { option = "", fallback = "" } = aciOptions[key] ?? {};
    const value = network.options[option] ?? fallback;
    if (value === fallback) continue;
    const shown = key.startsWith("kafkaClient") ? "" : ` ${quoted(value)}`;
    const instead = fallback === "" ? "remove it" : `only ${quoted(fallback)} is possible`;
    const reason = `The value${shown} is for ACI in public clouds, which RKE does not do: ${instead}`;
    yield failure(["network", "aciNetworkProvider", key], reason, [...basis, ["network", "options", option]]);
  }
}
