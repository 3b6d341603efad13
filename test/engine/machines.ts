import type { Fleet } from "../fleet/fleet.ts";

/** Where a machine is, as the examples take it from their configuration. */
export interface MachineInput {
  readonly host: string;
  readonly port: number;
  /** All machines of a fleet have one host; this is where the others find them. */
  readonly address: string;
}

export function machineOf(fleet: Fleet, name: string): MachineInput {
  const { host, port, machine } = fleet.node(name);
  return { host, port, address: machine.address };
}

export const machinesOf = (fleet: Fleet): readonly MachineInput[] =>
  fleet.nodes.map(({ machine }) => machineOf(fleet, machine.name));

export function loginOf(fleet: Fleet): { readonly user: string; readonly privateKey: string } {
  const [node] = fleet.nodes;
  if (node === undefined) throw new Error("A fleet without machines has no login");
  return { user: node.user, privateKey: node.privateKey };
}
