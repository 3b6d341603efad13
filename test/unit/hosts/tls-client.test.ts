import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";

import type { Host } from "../../../provider/hosts/host.ts";
import type { Tls } from "../../../provider/hosts/tls-client.ts";
import { aHost, aServer, handTo } from "./a-machine.ts";
import { aCertificate, anAuthority } from "./certificates.ts";

const authority = anAuthority();
const serving = aCertificate("kube-apiserver", authority);
const admin = aCertificate("kube-admin", authority);
const node = aCertificate("kube-node", authority);

interface Visit {
  readonly who: string;
  readonly isKnown: boolean;
}

/** A machine whose server notes who asks, and whether it knows them from an earlier connection. */
async function aMachine(): Promise<{ host: Host; visits: Visit[] }> {
  const visits: Visit[] = [];
  const server = createServer({ ...serving, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    const socket = request.socket as TLSSocket;
    visits.push({ who: String(socket.getPeerCertificate().subject.CN), isKnown: socket.isSessionReused() });
    response.end("ok");
  });
  const ssh = await aServer({ directTcpip: () => handTo(server) });
  return { host: aHost(ssh), visits };
}

/** On a connection of its own, as all pages are fetched. */
const visit = (host: Host, tls: Tls, port = 6443) =>
  host.fetch({ port, path: "/healthz" }, { tls: { ...tls, host: "127.0.0.1" } });

describe("TlsClient", () => {
  it("is known to a server that it has been to, which still knows who it is", async () => {
    const { host, visits } = await aMachine();

    await visit(host, admin);
    await visit(host, admin);

    expect(visits).toEqual([
      { who: "kube-admin", isKnown: false },
      { who: "kube-admin", isKnown: true },
    ]);
  });

  it.each([
    { who: "under another name", tls: node, port: 6443 },
    { who: "at another port", tls: admin, port: 2379 },
    { who: "without verifying any more", tls: { ...admin, rejectUnauthorized: false }, port: 6443 },
  ])("comes as a stranger $who", async ({ tls, port }) => {
    const { host, visits } = await aMachine();

    await visit(host, admin);
    await visit(host, tls, port);

    expect(visits.map(({ isKnown }) => isKnown)).toEqual([false, false]);
  });

  it("verifies a server though it has been there without doing so", async () => {
    const { host, visits } = await aMachine();
    const elsewhere = { ...admin, ca: anAuthority().pem };

    await visit(host, { ...elsewhere, rejectUnauthorized: false });

    await expect(visit(host, elsewhere)).rejects.toThrow(/certificate/);
    expect(visits).toHaveLength(1);
  });
});
