import type { Operation } from "../../provider/resources/operation.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Cluster } from "./cluster.ts";

/** What an `up` fails with, in the words that a person reads. Fails itself when the `up` does not. */
export async function refusalOf(cluster: Cluster, changes: Partial<Operation> = {}): Promise<string> {
  const failure = await cluster.up(changes).then(
    () => new Error("It worked"),
    (error: Error) => error,
  );
  return plain(failure.message);
}

/** Without what differs from run to run: ports that the system has given out, ids, times and durations. */
export function plain(text: string): string {
  return text
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replaceAll(/port \d{5}\b/g, "port PORT")
    .replaceAll(/SHA256:[\w+/]{43}/g, "SHA256:FINGERPRINT")
    .replaceAll(/\b[0-9a-f]{64}\b/g, "ID")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
}

/** Takes a machine away as a power cut does, but says so at once: whoever connects is turned away. */
export function unplug(fleet: Fleet, name: string): void {
  fleet.powerOff(name);
  fleet.node(name).ssh.faults.onConnect = "close";
}
