import { describe, expect, it } from "vitest";

import type { ContainerStatus, Pod } from "../../../provider/hosts/kube-objects.ts";
import { podTrouble } from "../../../provider/steps/pod-trouble.ts";

const aPod = (status: Pod["status"] = {}, metadata: Partial<Pod["metadata"]> = {}): Pod => ({
  metadata: { name: "dns-1", ...metadata },
  spec: {},
  status,
});

const waits = (
  reason: string,
  more: Partial<ContainerStatus> & { readonly message?: string } = {},
): ContainerStatus => {
  const { message, ...rest } = more;
  return { name: "coredns", state: { waiting: { reason, ...(message !== undefined && { message }) } }, ...rest };
};

describe("podTrouble()", () => {
  it("says which image a container waits for", () => {
    const pod = aPod({ containerStatuses: [waits("ImagePullBackOff", { message: 'Back-off pulling image "a:1"' })] });

    expect(podTrouble([aPod(), pod])).toBe('dns-1: coredns waits, ImagePullBackOff: Back-off pulling image "a:1"');
  });

  it("says how a container ended that is started again and again", () => {
    const crashed = waits("CrashLoopBackOff", { message: "back-off 40s", lastState: { terminated: { exitCode: 2 } } });

    expect(podTrouble([aPod({ containerStatuses: [crashed] })])).toBe(
      "dns-1: coredns waits, it ended with code 2, CrashLoopBackOff: back-off 40s",
    );
  });

  it("says that an init container holds the others up", () => {
    const pod = aPod({
      initContainerStatuses: [{ ...waits("ErrImagePull"), name: "install-cni" }],
      containerStatuses: [waits("PodInitializing")],
    });

    expect(podTrouble([pod])).toBe("dns-1: install-cni waits, ErrImagePull");
  });

  it("says why no node takes a pod", () => {
    const message = "0/3 nodes are available: 3 Insufficient cpu.";
    const pod = aPod({ conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }] });

    expect(podTrouble([pod])).toBe(`dns-1: no node takes it, ${message}`);
  });

  it("has nothing to say of pods that are on their way, or that leave", () => {
    const starting = aPod({ containerStatuses: [waits("ContainerCreating")] });
    const leaving = aPod({ containerStatuses: [waits("ErrImagePull")] }, { deletionTimestamp: "2026-11-22T00:00:00Z" });

    expect(podTrouble([starting, leaving, aPod({ phase: "Running" })])).toBeUndefined();
  });

  it("stays one line, of a length that can be read", () => {
    const pod = aPod({ containerStatuses: [waits("ErrImagePull", { message: `no\n  ${"such image ".repeat(99)}` })] });

    expect(podTrouble([pod])).toMatch(/^dns-1: coredns waits, ErrImagePull: no such image [a-z ]{1,280}$/);
  });
});
