import { describe, it } from "vitest";

import { accepts, refuses, warns } from "../../../support/findings.ts";

describe("connectionRules()", () => {
  it.each([
    [{ prefixPath: "rke" }, 'prefixPath: "rke" is not an absolute path'],
    [{ bastionHost: { address: "b" } }, "bastionHost.user: The user is missing"],
    [{ bastionHost: { address: "b", user: "u", port: "x" } }, 'bastionHost.port: "x" is not a port'],
  ])("refuses %j", refuses);

  it.each([
    [{ sshCertPath: "/c" }, "sshCertPath: sshCertPath of the cluster has no effect"],
    [{ bastionHost: { user: "u" } }, "bastionHost.address: Without an address the bastion is not used"],
    [{ bastionHost: { address: "b", user: "u", sshAgentAuth: true } }, "overrules that of the bastion"],
    [
      { rotateCertificates: { services: ["kubelet", "kube-api"] } },
      'rotateCertificates.services[1]: "kube-api" has no certificates to rotate',
    ],
  ])("warns of %j", warns);

  it.each([{ prefixPath: "/opt/rke" }, { bastionHost: { address: "b", user: "u" } }, { bastionHost: {} }])(
    "accepts %j",
    accepts,
  );
});
