import { describe, expect, it } from "vitest";

import { ingressImageTraits } from "../../../provider/releases/ingress-image-traits.ts";

describe("ingressImageTraits()", () => {
  it.each([
    ["rancher/nginx-ingress-controller:0.10.2-rancher3", [true, false, false]],
    ["rancher/nginx-ingress-controller:0.16.2-rancher1", [false, false, false]],
    ["mirror/nginx-ingress:nginx-0.25.1-rancher1", [false, false, false]],
    ["rancher/nginx-ingress-controller:nginx-0.43.0-rancher3", [false, true, false]],
    ["rancher/nginx-ingress-controller:nginx-1.1.0-rancher1", [false, true, true]],
    ["registry.example:5000/nginx-ingress-controller:nginx-1.12.1-rancher4", [false, true, true]],
    ["mirror/nginx-ingress:v1.9.6", [false, true, true]],
    ["mirror/nginx-ingress", [false, false, false]],
    ["registry.example:5000/nginx-ingress", [false, false, false]],
  ])("knows init container, admission jobs and class of %s", (image, expected) => {
    const { needsInitContainer, hasAdmissionJobs, watchesIngressWithoutClass } = ingressImageTraits(image);

    expect([needsInitContainer, hasAdmissionJobs, watchesIngressWithoutClass]).toEqual(expected);
  });

  it("reads nginx-1.2.1 as RKE does, which takes the first of two words for the number", () => {
    expect(ingressImageTraits("mirror/nginx-ingress:nginx-0.25.1").watchesIngressWithoutClass).toBe(true);
  });
});
