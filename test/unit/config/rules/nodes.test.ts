import { describe, expect, it } from "vitest";

import { aNode, findings } from "../../../support/findings.ts";

const ofNode = (changes: object) => findings({ nodes: [aNode(changes)] });
const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n";

describe("nodeRules()", () => {
  it.each([
    ["address", { address: undefined }, "The address is missing: give the one that SSH connects to"],
    ["address", { address: "" }, "The address is missing: give the one that SSH connects to"],
    [
      "address",
      { address: "10.0.0.256" },
      '"10.0.0.256" is not an IPv4 address: four numbers from 0 to 255 are wanted',
    ],
    [
      "address",
      { address: "10.0.0.1:22" },
      '"10.0.0.1:22" has a port in it: give the address only, and the port in port',
    ],
    ["address", { address: "root@host" }, '"root@host" has a user in it: give the address only, and the user in user'],
    ["address", { address: "ssh://host" }, '"ssh://host" is a URL: give the address only'],
    ["address", { address: "a b" }, '"a b" is neither an address nor a DNS name'],
    ["address", { address: "fe80::g" }, '"fe80::g" is not an IPv6 address'],
    [
      "internalAddress",
      { internalAddress: "10.0.0" },
      '"10.0.0" is not an IPv4 address: four numbers from 0 to 255 are wanted',
    ],
    [
      "internalAddress",
      { internalAddress: "fd00::1" },
      '"fd00::1" is an IPv6 address: the components of RKE need an IPv4 address or a name',
    ],
    ["user", { user: undefined }, "The user is missing: name the one that SSH logs in as"],
    ["role", { role: [] }, 'The role is missing: give one or more of "etcd", "controlplane" and "worker"'],
    ["role[3]", { role: ["etcd", "controlplane", "worker", "etcd"] }, 'The role "etcd" stands twice: keep one'],
    ["port", { port: "0" }, '"0" is not a port: write a number from 1 to 65535'],
    ["port", { port: "65536" }, '"65536" is not a port: write a number from 1 to 65535'],
    ["port", { port: "ssh" }, '"ssh" is not a port: write a number from 1 to 65535'],
    ["dockerSocket", { dockerSocket: "docker.sock" }, '"docker.sock" is not an absolute path'],
    [
      "sshKey",
      { sshKey: "ssh-ed25519 AAAA" },
      "This is a public key: give the text of a private key, or its file in sshKeyPath",
    ],
    [
      "sshKey",
      { sshKey: "~/.ssh/id_rsa" },
      "This is not a private key: give the text of a private key, or its file in sshKeyPath",
    ],
  ])("refuses a wrong %s: %j", (path, changes, reason) => {
    expect(ofNode(changes).failures).toEqual([`nodes[0].${path}: ${reason}`]);
  });

  it.each([
    [{ hostnameOverride: "under_score" }, '"under_score" cannot be the name of a node: it must consist of'],
    [{ hostnameOverride: "a".repeat(64) }, "it is longer than 63 characters, the most a label can hold"],
    [{ address: "my_host" }, 'The address "my_host" cannot be the name of a node'],
    [{ address: "2001:db8::1", internalAddress: "10.0.0.1" }, 'The address "2001:db8::1" cannot be the name of a node'],
  ])("refuses a name that Kubernetes would refuse: %j", (changes, reason) => {
    expect(ofNode(changes).failures).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    { address: "Node1.Example.com" },
    { address: "my_host", hostnameOverride: "my-host" },
    { address: "2001:db8::1", internalAddress: "10.0.0.1", hostnameOverride: "a" },
    { hostnameOverride: "Upper" },
    { internalAddress: "10.0.0.1" },
    { port: "2222", dockerSocket: "/run/docker.sock", sshKey: key },
    { sshKey: "", dockerSocket: "" },
  ])("accepts %j", (changes) => {
    expect(ofNode(changes)).toEqual({ failures: [], warnings: [] });
  });

  it("warns of an IPv6 address of a worker", () => {
    const { failures, warnings } = findings({
      nodes: [aNode(), aNode({ address: "w", internalAddress: "fd00::1", role: ["worker"] })],
    });

    expect([failures, warnings]).toEqual([[], [expect.stringContaining("nodes[1].internalAddress")]]);
  });

  it("warns of an sshAgentAuth that the cluster overrules", () => {
    expect(ofNode({ sshAgentAuth: true }).warnings).toEqual([
      "nodes[0].sshAgentAuth: sshAgentAuth of the cluster (false) overrules that of the node: set it there",
    ]);
  });
});

describe("nodeDuplicateRules()", () => {
  const worker = (changes: object) => aNode({ role: ["worker"], ...changes });

  it.each([
    ["address", worker({ address: "a" }), worker({ address: "a" })],
    ["address", worker({ address: "a", hostnameOverride: "x" }), worker({ address: "a", hostnameOverride: "y" })],
    [
      "hostnameOverride",
      worker({ address: "a", hostnameOverride: "x" }),
      worker({ address: "b", hostnameOverride: "X" }),
    ],
    ["hostnameOverride", worker({ address: "a" }), worker({ address: "b", hostnameOverride: "a" })],
    [
      "internalAddress",
      worker({ address: "a", internalAddress: "10.1.1.1" }),
      worker({ address: "b", internalAddress: "10.1.1.1" }),
    ],
    ["internalAddress", worker({ address: "10.1.1.1" }), worker({ address: "b", internalAddress: "10.1.1.1" })],
  ])("refuses a second node with the same %s, and says so once", (key, first, second) => {
    const { failures } = findings({ nodes: [aNode(), first, second] });

    expect(failures).toEqual([expect.stringMatching(`^nodes\\[2\\]\\.${key}: nodes\\[1\\] has the `)]);
  });
});
