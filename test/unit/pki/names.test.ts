import { describe, expect, it } from "vitest";

import { certificatesFor, etcdName, kubeletName } from "../../../provider/pki/names.ts";
import { aHost, aSubject } from "./world.ts";

describe("certificatesFor()", () => {
  it("certificatesFor() lists each signer before what it signs", () => {
    const specs = certificatesFor(aSubject({ servesKubelets: true }));

    const position = new Map(specs.map(({ name }, i) => [name, i]));
    const early = specs.filter(({ name, signer }) => (position.get(signer) ?? -1) > (position.get(name) ?? 0));
    expect(early).toEqual([]);
  });

  it("certificatesFor() has no kubelet's certificate unless they are asked for", () => {
    const names = certificatesFor(aSubject()).map(({ name }) => name);

    expect(names.filter((name) => name.startsWith("kube-kubelet-"))).toEqual([]);
  });

  it("certificatesFor() refuses two nodes whose files would have the same name", () => {
    const etcd = [aHost("node.a"), aHost("node-a")];

    expect(() => certificatesFor(aSubject({ etcd }))).toThrow(
      'two nodes have the same name for theirs, "kube-etcd-node-a"',
    );
  });
});

describe("etcdName() and kubeletName()", () => {
  it.each([
    [aHost("10.0.0.1"), "10-0-0-1"],
    [aHost("203.0.113.1", { internalAddress: "10.0.0.1" }), "10-0-0-1"],
    [aHost("203.0.113.1", { internalAddress: "" }), "203-0-113-1"],
    [aHost("Node2.example.com"), "node2-example-com"],
    [aHost("FD00::1"), "fd00::1"],
  ])("etcdName() and kubeletName() call %j by %s", (host, name) => {
    expect([etcdName(host), kubeletName(host)]).toEqual([`kube-etcd-${name}`, `kube-kubelet-${name}`]);
  });
});
