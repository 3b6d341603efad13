import { describe, expect, it } from "vitest";

import type { Bundle } from "../../../provider/pki/bundle.ts";
import { clientIdentity } from "../../../provider/pki/client-certificate.ts";
import { Secret } from "../../../provider/secrets.ts";

const ca = { name: "kube-ca", certificate: "CA", key: undefined, kubeconfig: undefined };
const node = { name: "kube-node", certificate: "CERTIFICATE", key: new Secret("KEY"), kubeconfig: undefined };

describe("clientIdentity()", () => {
  it("trusts the cluster's CA and presents a certificate with its key", () => {
    const bundle: Bundle = { "kube-ca": ca, "kube-node": node };

    expect(clientIdentity(bundle, "kube-node")).toEqual({ ca: "CA", cert: "CERTIFICATE", key: "KEY" });
  });

  it.each<[string, Bundle]>([
    ["the certificate", { "kube-ca": ca }],
    ["its key", { "kube-ca": ca, "kube-node": { ...node, key: undefined } }],
    ["the CA", { "kube-node": node }],
  ])("is undefined without %s", (_, bundle) => {
    expect(clientIdentity(bundle, "kube-node")).toBeUndefined();
  });
});
