import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { Fleet } from "../fleet/fleet.ts";
import { type MachineInput, machineOf } from "./machines.ts";

export interface Cloud {
  readonly url: string;
  close(): Promise<void>;
}

/** A cloud for examples: `PUT /machines/node-1` starts a machine of the fleet and says where it is, `DELETE` ends it. */
export async function aCloud(fleet: Fleet): Promise<Cloud> {
  const server = createServer((request, response) => {
    const name = request.url?.split("/").at(-1) ?? "";
    if (request.method === "DELETE") fleet.powerOff(name);
    else fleet.powerOn(name);
    response.end(JSON.stringify(machineOf(fleet, name) satisfies MachineInput));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
