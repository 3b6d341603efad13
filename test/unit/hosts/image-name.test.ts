import { describe, expect, it } from "vitest";

import { splitImage } from "../../../provider/hosts/image-name.ts";

describe("splitImage()", () => {
  it.each([
    ["rancher/rke-tools:v0.1.114", "rancher/rke-tools", "v0.1.114"],
    ["busybox", "busybox", "latest"],
    ["reg.example:5000/rke-tools", "reg.example:5000/rke-tools", "latest"],
    ["reg.example:5000/a/b:1", "reg.example:5000/a/b", "1"],
    ["a/b@sha256:beef", "a/b", "sha256:beef"],
    ["a/b:1@sha256:beef", "a/b", "sha256:beef"],
  ])("splits %s", (image, name, tag) => {
    expect(splitImage(image)).toEqual({ name, tag });
  });
});
