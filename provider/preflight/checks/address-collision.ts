import { type Cidr, contains, overlap, parseCidr, parseIp } from "../../config/ip.ts";
import { type CheckedMachine, type Objection, onEachMachine, type Situation } from "../check.ts";

/**
 * Finds machines that are reached, or reach others, at addresses that pods and Services will have: packets for one then
 * go to the other. Addresses on the machine itself count too, such as those of Docker's bridges.
 */
export const addressCollision = onEachMachine((machine, situation) => {
  const ranges = rangesOf(situation);
  return [...addressesOf(machine)].flatMap(({ address, network, whose }) => {
    const hit = ranges.find(({ range }) => containsAddress(range, address));
    if (hit !== undefined) {
      return [
        {
          severity: "error" as const,
          reason: `${whose} ${address} lies in the range of the ${hit.what}, ${hit.text}`,
          hint: `Choose another range for the ${hit.what} (${hit.setting}), or another address`,
        },
      ];
    }
    return network === undefined ? [] : overlaps(network, { ranges, whose, address });
  });
});

interface Range {
  readonly what: "pods" | "Services";
  readonly setting: string;
  readonly text: string;
  readonly range: Cidr;
}

/** Two ranges, separated by a comma, are those of a dual-stack cluster. */
function rangesOf({ desired: { config } }: Situation): readonly Range[] {
  const { kubeController, kubeApi } = config.services;
  const named = [
    { what: "pods", setting: "services.kubeController.clusterCidr", texts: kubeController.clusterCidr },
    { what: "Services", setting: "services.kubeApi.serviceClusterIpRange", texts: kubeApi.serviceClusterIpRange },
  ] as const;
  return named.flatMap(({ what, setting, texts }) =>
    texts.split(",").flatMap((part) => {
      const text = part.trim();
      const range = parseCidr(text);
      return range === undefined ? [] : [{ what, setting, text, range }];
    }),
  );
}

interface Address {
  readonly address: string;
  readonly network: Cidr | undefined;
  readonly whose: string;
}

/** Each address once, first as what it was given for. */
function addressesOf({ plan: { node }, seen }: CheckedMachine): Iterable<Address> {
  const onMachine = seen.machine.addresses.map((text) => ({
    address: text.split("/")[0] ?? "",
    network: parseCidr(text),
    whose: "the machine's address",
  }));
  const given: readonly Address[] = [
    { address: node.address, network: undefined, whose: "its address" },
    { address: node.internalAddress, network: undefined, whose: "its internal address" },
  ];
  const known = new Map<string, Address>();
  for (const one of [...given, ...onMachine]) {
    known.set(one.address, { ...one, whose: known.get(one.address)?.whose ?? one.whose });
  }
  return known.values();
}

function containsAddress(range: Cidr, address: string): boolean {
  const ip = parseIp(address);
  return ip !== undefined && contains(range, ip);
}

/** A network around a range works as long as nobody in it has one of those addresses, since the narrower route wins. */
function overlaps(
  network: Cidr,
  { ranges, whose, address }: { ranges: readonly Range[]; whose: string; address: string },
): readonly Omit<Objection, "node">[] {
  return ranges
    .filter(({ range }) => overlap(range, network))
    .map(({ what, setting, text }) => ({
      severity: "warning",
      reason: `the network of ${whose}, ${address}/${network.prefix}, overlaps with the range of the ${what}, ${text}`,
      hint: `Make sure that nobody in that network has such an address, or choose another range (${setting})`,
    }));
}
