import { describe, expect, it } from "vitest";

import { EngineCalls } from "../../../provider/resources/engine-call.ts";

const call = { isPreview: true, urn: "urn:pulumi:prod::web::rke:RkeCluster::prod" };

describe("EngineCalls", () => {
  it("takes what is meant for one run out of the inputs", () => {
    expect(new EngineCalls().take({ name: "prod", __call: call })).toEqual({ inputs: { name: "prod" }, call });
  });

  it("knows the call again by the inputs that it came with, whatever the order of their names", () => {
    const calls = new EngineCalls();

    calls.keep({ __provider: "text", name: "prod", roles: ["etcd"] }, call);

    expect(calls.of({ roles: ["etcd"], name: "prod", __provider: "text" })).toEqual(call);
    expect(calls.of({ name: "other" })).toBeUndefined();
  });

  it("believes the last call: the run after a preview is none", () => {
    const calls = new EngineCalls();
    calls.keep({ name: "prod" }, call);

    calls.keep({ name: "prod" }, { ...call, isPreview: false });

    expect(calls.of({ name: "prod" })?.isPreview).toBe(false);
  });

  it("takes a program that says nothing for what it is", () => {
    const calls = new EngineCalls();

    const { inputs, call: none } = calls.take({ name: "prod" });
    calls.keep(inputs, none);

    expect(calls.of({ name: "prod" })).toBeUndefined();
  });
});
