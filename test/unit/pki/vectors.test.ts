import { describe, expect, it } from "vitest";

import { describeBundle } from "../../../provider/pki/describe.ts";
import { aBundle, vectorCertificates, vectorNames, vectorSubject } from "./world.ts";

describe("issueBundle() beside RKE", () => {
  it.each(vectorNames)("issueBundle() makes the certificates that RKE makes for %s", async (name) => {
    const bundle = await aBundle(vectorSubject(name), { policy: { keySharing: "rke" } });

    expect(describeBundle(bundle)).toEqual(vectorCertificates(name));
  });

  it.each([
    "single-node",
    "separated-planes",
    "kubelet-serving-certificates",
    "etcd-external",
    "dual-stack-calico",
    "windows-worker",
  ])("issueBundle() differs from RKE in shared keys only, by default, for %s", async (name) => {
    const rke = vectorCertificates(name) as ReturnType<typeof describeBundle>;

    const ours = describeBundle(await aBundle(vectorSubject(name)));

    expect(ours).toEqual({
      ...rke,
      "kube-node": { ...rke["kube-node"], sameKeyAs: [] },
      "kube-proxy": { ...rke["kube-proxy"], sameKeyAs: [] },
      "kube-apiserver": { ...rke["kube-apiserver"], sameKeyAs: [], sameCertificateAs: [] },
      "kube-service-account-token": {
        ...rke["kube-service-account-token"],
        sameKeyAs: [],
        sameCertificateAs: [],
        certificate: {
          ...rke["kube-scheduler"]?.certificate,
          subjectCN: "kube-service-account-token",
        },
      },
    });
  });
});
