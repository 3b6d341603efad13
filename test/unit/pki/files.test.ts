import { describe, expect, it } from "vitest";

import { certificateAt, certificatesOf, filesOf } from "../../../provider/pki/files.ts";
import { certificatesFor, ETCD_CLIENT, ETCD_CLIENT_CA, KUBE_CA } from "../../../provider/pki/names.ts";
import { aHost, aSubject } from "./world.ts";

const NAMES = certificatesFor(aSubject({ servesKubelets: true })).map(({ name }) => name);
const HOST = aHost("10.0.0.2");

describe("filesOf()", () => {
  it("filesOf() names the files and variables of RKE", () => {
    expect(filesOf("kube-node")).toEqual({
      path: "/etc/kubernetes/ssl/kube-node.pem",
      keyPath: "/etc/kubernetes/ssl/kube-node-key.pem",
      envName: "KUBE_NODE",
      keyEnvName: "KUBE_NODE_KEY",
      kubeconfigPath: "/etc/kubernetes/ssl/kubecfg-kube-node.yaml",
      kubeconfigEnvName: "KUBECFG_KUBE_NODE",
    });
  });

  it.each(["kube-ca", "kube-apiserver", "kube-service-account-token", "kube-etcd-10-0-0-1", "kube-kubelet-10-0-0-1"])(
    "filesOf() has no kubeconfig for %s",
    (name) => {
      expect(filesOf(name).kubeconfigPath).toBeUndefined();
    },
  );
});

describe("certificateAt()", () => {
  it.each(NAMES)("certificateAt() knows the files of %s", (name) => {
    const { path, keyPath, kubeconfigPath = path } = filesOf(name);

    // That of the administrator lies with the person, and not on machines.
    const onMachines = [path, keyPath, kubeconfigPath].filter((one) => one.startsWith("/"));

    expect(onMachines.map(certificateAt)).toEqual(onMachines.map(() => name));
  });

  it.each(["/etc/kubernetes/ssl/encryption.yaml", "/etc/kubernetes/admission.yaml", "/etc/kubernetes/ssl/a/b.pem"])(
    "certificateAt() knows that %s is none",
    (path) => {
      expect(certificateAt(path)).toBeUndefined();
    },
  );
});

describe("certificatesOf()", () => {
  it("certificatesOf() gives a worker what kubelet and kube-proxy need", () => {
    const certificates = certificatesOf({ host: HOST, roles: ["worker"] }, NAMES);

    expect(certificates).toEqual([
      { name: "kube-ca", withKey: false },
      { name: "kube-proxy", withKey: true },
      { name: "kube-node", withKey: true },
      { name: "kube-kubelet-10-0-0-2", withKey: true },
    ]);
  });

  it("certificatesOf() adds its own member certificate to an etcd node", () => {
    const names = certificatesOf({ host: HOST, roles: ["etcd"] }, NAMES).map(({ name }) => name);

    expect(names).toEqual(["kube-ca", "kube-proxy", "kube-node", "kube-etcd-10-0-0-2", "kube-kubelet-10-0-0-2"]);
  });

  it("certificatesOf() gives every node the certificates of its peers when asked to do as RKE does", () => {
    const certificates = certificatesOf({ host: HOST, roles: ["etcd"] }, NAMES, { peers: "all" });

    expect(certificates.map(({ name }) => name).filter((name) => /etcd|kubelet/.test(name))).toEqual([
      "kube-etcd-10-0-0-1",
      "kube-etcd-10-0-0-2",
      "kube-etcd-10-0-0-3",
      "kube-kubelet-10-0-0-1",
      "kube-kubelet-10-0-0-2",
      "kube-kubelet-10-0-0-3",
    ]);
  });

  it.each([
    [["worker"], false],
    [["etcd"], false],
    [["etcd", "worker"], false],
    [["controlplane"], true],
    [["controlplane", "etcd", "worker"], true],
  ] as const)("certificatesOf() for %j hands out the CA's key: %s", (roles, withKey) => {
    const certificates = certificatesOf({ host: HOST, roles }, NAMES);

    expect(certificates.find(({ name }) => name === KUBE_CA)).toEqual({ name: KUBE_CA, withKey });
  });

  it.each([["controlplane"], ["etcd"], ["worker"]] as const)(
    "certificatesOf() never gives kube-admin to a %s",
    (role) => {
      const names = certificatesOf({ host: HOST, roles: [role] }, NAMES, { peers: "all" }).map(({ name }) => name);

      expect(names).not.toContain("kube-admin");
    },
  );

  it("certificatesOf() gives the client certificate of an external etcd to the control plane", () => {
    const certificates = certificatesOf({ host: HOST, roles: ["controlplane"] }, [ETCD_CLIENT_CA, ETCD_CLIENT]);

    expect(certificates).toEqual([
      { name: "kube-etcd-client-ca", withKey: false },
      { name: "kube-etcd-client", withKey: true },
    ]);
  });
});
