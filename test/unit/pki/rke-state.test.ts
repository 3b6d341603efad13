import { describe, expect, it } from "vitest";

import { issueBundle } from "../../../provider/pki/bundle.ts";
import { fromRkeState, toRkeState } from "../../../provider/pki/rke-state.ts";
import { aBundle, aSubject, fingerprints, issueOptions, vectorSubject } from "./world.ts";

describe("toRkeState()", () => {
  it("toRkeState() has every field that RKE writes", async () => {
    const bundle = await aBundle();

    const state = toRkeState(bundle).unwrap();

    expect(state["kube-node"]).toEqual({
      certificatePEM: bundle["kube-node"]?.certificate,
      keyPEM: bundle["kube-node"]?.key?.unwrap(),
      config: bundle["kube-node"]?.kubeconfig?.text.unwrap(),
      name: "kube-node",
      commonName: "system:node",
      ouName: "system:nodes",
      envName: "KUBE_NODE",
      path: "/etc/kubernetes/ssl/kube-node.pem",
      keyEnvName: "KUBE_NODE_KEY",
      keyPath: "/etc/kubernetes/ssl/kube-node-key.pem",
      configEnvName: "KUBECFG_KUBE_NODE",
      configPath: "/etc/kubernetes/ssl/kubecfg-kube-node.yaml",
    });
  });

  it("toRkeState() writes what is absent as an empty text", async () => {
    const state = toRkeState(await aBundle(vectorSubject("etcd-external"))).unwrap();

    expect(state["kube-etcd-client-ca"]).toMatchObject({ keyPEM: "", config: "", configEnvName: "", configPath: "" });
  });

  it("toRkeState() shows nothing when it is printed", async () => {
    expect(JSON.stringify(toRkeState(await aBundle()))).toBe('"[redacted]"');
  });
});

describe("fromRkeState()", () => {
  it("fromRkeState() reads back what toRkeState() wrote", async () => {
    const subject = aSubject({ servesKubelets: true, kubeConfigPath: "kube_config_prod.yml" });
    const existing = fromRkeState(JSON.parse(JSON.stringify(toRkeState(await aBundle(subject)).unwrap())));

    const { bundle, issued } = await issueBundle(subject, issueOptions({ existing }));

    expect(issued).toEqual([]);
    expect(fingerprints(bundle)).toEqual(fingerprints(await aBundle(subject)));
  });

  it("fromRkeState() keeps the path of the admin kubeconfig", async () => {
    const existing = fromRkeState(
      toRkeState(await aBundle(aSubject({ kubeConfigPath: "old/kube_config.yml" }))).unwrap(),
    );

    const bundle = await aBundle(aSubject(), { existing });

    expect(bundle["kube-admin"]?.kubeconfig?.path).toBe("old/kube_config.yml");
  });

  it("fromRkeState() skips an entry without a certificate", () => {
    expect(fromRkeState({ "kube-etcd-10-0-0-1": { name: "kube-etcd-10-0-0-1", keyPEM: "x" } })).toEqual({});
  });
});
