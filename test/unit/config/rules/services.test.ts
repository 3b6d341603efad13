import { describe, expect, it } from "vitest";

import { findings } from "../../../support/findings.ts";

const services = (changes: object, more: object = {}) => findings({ services: changes, ...more });

describe("serviceRules()", () => {
  it.each([
    [{ extraArgs: { "--v": "4" } }, 'extraArgs["--v"]: Flags are named without dashes: write "v"'],
    [{ extraArgs: { "a=b": "4" } }, '"a=b" is not the name of a flag: give the value apart from the name'],
    [{ extraArgs: { "": "4" } }, '"" is not the name of a flag'],
    [{ extraArgsArray: { "-x": ["y"] } }, 'extraArgsArray["-x"]: Flags are named without dashes'],
    [{ winExtraArgs: { "-x": "y" } }, 'winExtraArgs["-x"]: Flags are named without dashes'],
    [{ extraBinds: ["/a"] }, 'extraBinds[0]: "/a" is not a mount'],
    [{ extraBinds: ["/a:b"] }, '"/a:b" is not a mount'],
    [{ extraBinds: ["/a:/b:ro,fast"] }, '"fast" is not an option of a mount'],
    [{ extraEnv: ["=x"] }, "extraEnv[0]: This is not an environment variable: write NAME=value"],
    [{ extraEnv: ["MY VAR=x"] }, "This is not an environment variable"],
    [{ clusterDomain: "Cluster.Local" }, 'clusterDomain: "Cluster.Local" is not a DNS domain'],
  ])("refuses %j", (kubelet, reason) => {
    expect(services({ kubelet }).failures).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    [{ extraBinds: ["/a:/a", "/b:/b:ro,z", "data:/data", "c:/x:c:/y", "/c:/c:rshared"] }],
    [{ extraEnv: ["A=", "A=b=c", "A=two words"] }],
    [{ extraArgs: { "feature-gates": "A=true", v: "" } }],
    [{ clusterDomain: "corp.internal" }],
  ])("accepts %j", (kubelet) => {
    expect(services({ kubelet })).toEqual({ failures: [], warnings: [] });
  });

  it("prints no value of an environment variable", () => {
    expect(services({ kubelet: { extraEnv: ["MY SECRET=hunter2"] } }).failures.join()).not.toContain("hunter2");
  });

  it.each([
    [{ kubelet: { extraEnv: ["A"] } }, 'The variable "A" has no value: write NAME=value'],
    [{ kubelet: { image: "x:1" } }, "The image of a service is ignored, as in RKE: set systemImages.kubernetes"],
    [{ etcd: { image: "x:1" } }, "set systemImages.etcd"],
    [{ scheduler: { winExtraEnv: ["A=b"] } }, "winExtraEnv has an effect on kubelet and kubeproxy only"],
  ])("warns of %j", (given, reason) => {
    const { failures, warnings } = services(given);

    expect([failures, warnings]).toEqual([[], [expect.stringContaining(reason)]]);
  });
});
