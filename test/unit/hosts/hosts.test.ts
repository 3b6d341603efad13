import { describe, expect, it } from "vitest";

import { Hosts } from "../../../provider/hosts/hosts.ts";
import { aConnection, anEngine, aPool, aServer } from "./a-machine.ts";

const CERTIFICATE = { ca: "the CA", cert: "kube-admin", key: "its key" };

describe("Hosts", () => {
  it("has one host per address, under the name that people use", async () => {
    const { engine } = anEngine(() => ({ json: {} }));
    const server = await aServer({ streamlocal: () => engine });
    const hosts = new Hosts({ pool: aPool(), connections: () => aConnection(server), nameOf: () => "node-7" });

    expect(hosts.at("10.0.0.7")).toBe(hosts.at("10.0.0.7"));
    expect(hosts.at("10.0.0.7").name).toBe("node-7");
    expect(hosts.at("10.0.0.7")).not.toBe(hosts.at("10.0.0.8"));
  });

  it("goes on with the channels that are open, whoever asks", async () => {
    const { engine } = anEngine(() => ({ json: {} }));
    const server = await aServer({ streamlocal: () => engine });
    const hosts = new Hosts({ pool: aPool(), connections: () => aConnection(server), nameOf: () => "node-7" });

    await hosts.at("10.0.0.7").docker().info();
    await hosts.at("10.0.0.7").docker().info();

    expect(server.counts.streamlocals).toBe(1);
  });

  it("has one client of an API server or a member of etcd for each certificate and place", async () => {
    const server = await aServer();
    const hosts = new Hosts({ pool: aPool(), connections: () => aConnection(server), nameOf: () => "node-7" });
    const host = hosts.at("10.0.0.7");

    expect(host.kube(CERTIFICATE)).toBe(host.kube({ ...CERTIFICATE }));
    expect(host.kube(CERTIFICATE)).not.toBe(host.kube({ ...CERTIFICATE, cert: "kube-node" }));
    expect(host.kube(CERTIFICATE)).not.toBe(host.kube({ ...CERTIFICATE, ca: "another CA" }));
    expect(host.etcd(CERTIFICATE)).toBe(host.etcd(CERTIFICATE));
    expect(host.etcd(CERTIFICATE)).not.toBe(host.etcd(CERTIFICATE, { host: "10.1.0.7" }));
    expect(host.etcd(CERTIFICATE)).not.toBe(host.etcd(CERTIFICATE, { apiPrefix: "/v3beta" }));
  });

  it("ends what is open, and may be asked again", async () => {
    const { engine } = anEngine(() => ({ json: {} }));
    const server = await aServer({ streamlocal: () => engine });
    const hosts = new Hosts({ pool: aPool(), connections: () => aConnection(server), nameOf: () => "node-7" });
    await hosts.at("10.0.0.7").docker().info();

    hosts.close();
    await hosts.at("10.0.0.7").docker().info();

    expect(server.counts.streamlocals).toBe(2);
  });
});
