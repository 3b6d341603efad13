import { describe, expect, it } from "vitest";

import { etcdApiPrefix } from "../../../provider/releases/etcd-api-prefix.ts";

describe("etcdApiPrefix()", () => {
  it.each([
    ["rancher/coreos-etcd:v3.2.24-rancher1", "/v3alpha"],
    ["rancher/coreos-etcd:v3.3.15-rancher1", "/v3beta"],
    ["rancher/coreos-etcd:v3.4.3-rancher1", "/v3"],
    ["rancher/mirrored-coreos-etcd:v3.5.16", "/v3"],
    ["registry.example.com:5000/etcd:newest", "/v3"],
    ["etcd", "/v3"],
  ])("is for %s %s", (image, prefix) => {
    expect(etcdApiPrefix(image)).toBe(prefix);
  });
});
