import { describe, expect, it } from "vitest";

import { releaseOf } from "../../../provider/releases/index.ts";
import { overlayRelease } from "../../../provider/releases/overlay-release.ts";

const release = releaseOf("v1.31.11-rancher1-1");

describe("overlayRelease()", () => {
  it("changes one image and leaves the others alone", () => {
    const images = { kubernetes: "mirror/hyperkube:v1.31.11-rancher1" };

    const laid = overlayRelease(release, { images });

    expect(laid).toEqual({
      ...release,
      images: { ...release.images, ...images },
      optionOverlay: { linux: {}, windows: {} },
    });
  });

  it("leaves the release itself as it was", () => {
    const before = structuredClone(release);

    overlayRelease(release, { images: { etcd: "x:v3.5.16" }, options: { linux: { etcd: { a: "1" } } } });

    expect(release).toEqual(before);
  });

  it("merges flags that are laid one after the other", () => {
    const first = overlayRelease(release, { options: { linux: { etcd: { a: "1", b: "1" } } } });

    const second = overlayRelease(first, {
      options: { linux: { etcd: { b: "2" }, kubelet: { c: "3" } }, windows: { kubelet: { d: "4" } } },
    });

    expect(second.optionOverlay).toEqual({
      linux: { etcd: { a: "1", b: "2" }, kubelet: { c: "3" } },
      windows: { kubelet: { d: "4" } },
    });
  });
});
