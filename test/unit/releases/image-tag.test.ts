import { describe, expect, it } from "vitest";

import { backupImage, imageTag } from "../../../provider/releases/image-tag.ts";
import { releaseOf } from "../../../provider/releases/index.ts";

const digest = `sha256:${"0".repeat(64)}`;

describe("imageTag()", () => {
  it.each([
    ["etcd:v3.5.16", "v3.5.16"],
    ["rancher/mirrored-coreos-etcd:v3.5.16", "v3.5.16"],
    ["registry.example:5000/rancher/etcd:v3.5.16", "v3.5.16"],
    [`rancher/etcd:v3.5.16@${digest}`, "v3.5.16"],
    ["registry.example:5000/rancher/etcd", undefined],
    [`registry.example:5000/rancher/etcd@${digest}`, undefined],
    ["etcd", undefined],
  ])("of %s is %s", (image, expected) => {
    expect(imageTag(image)).toBe(expected);
  });
});

describe("backupImage()", () => {
  it.each([
    ["rancher/rke-tools:v0.1.50", "rancher/rke-tools:v0.1.114"],
    ["registry.example:5000/rancher/rke-tools:v0.1.50", "registry.example:5000/rancher/rke-tools:v0.1.114"],
    ["v0.1.50.example/rancher/rke-tools:v0.1.50", "v0.1.50.example/rancher/rke-tools:v0.1.114"],
    ["rancher/rke-tools", "rancher/rke-tools:v0.1.114"],
    ["mirror/tools:v0.1.50", "mirror/tools:v0.1.50"],
    [`rancher/rke-tools:v0.1.50@${digest}`, `rancher/rke-tools:v0.1.50@${digest}`],
  ])("makes of %s %s", (alpine, expected) => {
    expect(backupImage(alpine, releaseOf("v1.18"))).toBe(expected);
  });
});
