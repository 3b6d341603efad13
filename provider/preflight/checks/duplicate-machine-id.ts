import { type Check, errorWhenNew, listed } from "../check.ts";
import { groupedBy } from "./duplicate-hostname.ts";

/** Finds clones of one disk image, and two addresses of one machine, which etcd and the pod network cannot survive. */
export const duplicateMachineId: Check = ({ machines }) =>
  groupedBy(machines, ({ seen }) => seen.machine.machineId).map(([, same]) => ({
    severity: errorWhenNew(same),
    reason: `${listed(same.map(({ name }) => name))} have the same /etc/machine-id: they are clones, or one machine`,
    hint: "Empty /etc/machine-id on each clone and restart it (systemd makes a new one), or correct the addresses",
  }));
