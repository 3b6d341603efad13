import { describe, expect, it } from "vitest";

import { ownChanges, serverSideApply } from "../../fleet/kube-apply.ts";
import type { KubeObject } from "../../fleet/kube-object.ts";

const pod = (containers: readonly object[], rest: object = {}): KubeObject =>
  ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers, ...rest } }) as unknown as KubeObject;

const specOf = ({ spec }: KubeObject): unknown => spec;

describe("serverSideApply()", () => {
  it("merges containers by name", () => {
    const live = serverSideApply(undefined, pod([{ name: "a", image: "a:1" }]), "one").object;

    const { object } = serverSideApply(live, pod([{ name: "b", image: "b:1" }]), "two");

    expect(specOf(object)).toEqual({
      containers: [
        { name: "a", image: "a:1" },
        { name: "b", image: "b:1" },
      ],
    });
  });

  it("removes a container that is no longer applied, whole", () => {
    const live = serverSideApply(
      undefined,
      pod([
        { name: "a", image: "a:1" },
        { name: "b", image: "b:1", tty: true },
      ]),
      "one",
    ).object;

    const { object } = serverSideApply(live, pod([{ name: "a", image: "a:1" }]), "one");

    expect(specOf(object)).toEqual({ containers: [{ name: "a", image: "a:1" }] });
  });

  it("keeps a field that another manager applied as well", () => {
    const first = serverSideApply(undefined, pod([], { priority: 1 }), "one").object;
    const both = serverSideApply(first, pod([], { priority: 1 }), "two").object;

    const { object } = serverSideApply(both, pod([]), "one");

    expect(specOf(object)).toMatchObject({ priority: 1 });
  });

  it("finds no conflict where both want the same", () => {
    const live = serverSideApply(undefined, pod([{ name: "a", image: "a:1" }]), "one").object;

    expect(serverSideApply(live, pod([{ name: "a", image: "a:1" }]), "two").conflicts).toEqual([]);
  });

  it("names the field and its owner in a conflict", () => {
    const live = serverSideApply(undefined, pod([{ name: "a", image: "a:1" }]), "one").object;

    const { conflicts } = serverSideApply(live, pod([{ name: "a", image: "a:2" }]), "two");

    expect(conflicts).toEqual([{ manager: "one", field: '.spec.containers[name="a"].image' }]);
  });

  it("writes ownership in the words of FieldsV1", () => {
    const { object } = serverSideApply(undefined, pod([{ name: "a", image: "a:1" }]), "one");

    expect(object.metadata.managedFields).toEqual([
      {
        manager: "one",
        operation: "Apply",
        apiVersion: "v1",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:spec": { "f:containers": { 'k:{"name":"a"}': { "f:name": {}, "f:image": {} } } } },
      },
    ]);
  });
});

describe("ownChanges()", () => {
  it("moves the ownership of what was changed, so that the next apply is a conflict", () => {
    const live = serverSideApply(undefined, pod([], { priority: 1 }), "one").object;
    const edited = ownChanges(live, { ...live, spec: { containers: [], priority: 2 } }, "kubectl");

    const { conflicts } = serverSideApply(edited, pod([], { priority: 1 }), "one");

    expect(conflicts).toEqual([{ manager: "kubectl", field: ".spec.priority" }]);
  });
});

describe("serverSideApply() of ports", () => {
  it("tells ports of one number apart by their protocol", () => {
    const ports = [
      { containerPort: 53, name: "dns", protocol: "UDP" },
      { containerPort: 53, name: "dns-tcp", protocol: "TCP" },
    ];

    const { object } = serverSideApply(undefined, pod([{ name: "a", ports }]), "one");

    expect(specOf(object)).toEqual({ containers: [{ name: "a", ports }] });
  });
});
