import { load } from "js-yaml";
import { describe, expect, it } from "vitest";

import { auditPolicyFile, deploysAuditPolicy } from "../../../../provider/desired/files/audit-policy.ts";
import { aCluster } from "../world.ts";

const kubeApiOf = (kubeApi: object) => aCluster({ services: { kubeApi } }).config.services.kubeApi;

const policyOf = (policy: object) =>
  auditPolicyFile(
    kubeApiOf({
      auditLog: {
        enabled: true,
        configuration: { policy: { apiVersion: "audit.k8s.io/v1", kind: "Policy", ...policy } },
      },
    }),
  );

describe("auditPolicyFile()", () => {
  it("auditPolicyFile() is one rule of the level Metadata by default", () => {
    expect(auditPolicyFile(kubeApiOf({}))).toBe(
      "apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata:\n  creationTimestamp: null\nrules:\n- level: Metadata\n",
    );
  });

  it("auditPolicyFile() is undefined while the log is off", () => {
    expect(auditPolicyFile(kubeApiOf({ auditLog: { enabled: false } }))).toBeUndefined();
  });

  it("auditPolicyFile() leaves out what is empty, as Kubernetes writes it, but never a level", () => {
    const text = policyOf({
      omitStages: ["RequestReceived"],
      rules: [
        { level: "None", users: [], verbs: ["get"] },
        { level: "", omitStages: [] },
      ],
    });

    expect(load(text ?? "")).toEqual({
      apiVersion: "audit.k8s.io/v1",
      kind: "Policy",
      metadata: { creationTimestamp: null },
      omitStages: ["RequestReceived"],
      rules: [{ level: "None", verbs: ["get"] }, { level: "" }],
    });
  });

  it("auditPolicyFile() keeps the metadata of a person's policy beside the empty time", () => {
    expect(load(policyOf({ metadata: { name: "mine" }, rules: [] }) ?? "")).toMatchObject({
      metadata: { creationTimestamp: null, name: "mine" },
    });
  });

  it("auditPolicyFile() has no rules where none are given", () => {
    expect(load(policyOf({}) ?? "")).toMatchObject({ rules: null });
  });
});

describe("deploysAuditPolicy()", () => {
  it.each([
    [{}, true],
    [{ extraArgs: { v: "2" } }, true],
    [{ extraArgs: { "audit-policy-file": "/mine.yaml" } }, false],
  ])("deploysAuditPolicy() with %j is %s", (kubeApi, expected) => {
    expect(deploysAuditPolicy(kubeApiOf(kubeApi))).toBe(expected);
  });
});
