import { describe, expect, it } from "vitest";

import { describedEnv } from "../../../provider/desired/secret-env.ts";

describe("describedEnv()", () => {
  it.each([
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
    "RKE_KUBELET_DOCKER_CONFIG",
    "RKE_NETWORK_CONFIGURATION",
    "DB_PASSWORD",
    "vault_token",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "OS_APPLICATION_CREDENTIAL_SECRET",
    "REGISTRY_APIKEY",
    "SSH_PRIVATE_KEY",
  ])("describedEnv() hides the value of %s", (name) => {
    expect(describedEnv(`${name}=hunter2=more`)).toBe(`${name}=[redacted]`);
  });

  it.each([
    "ETCDCTL_KEY=/etc/kubernetes/ssl/kube-etcd-10-0-0-1-key.pem",
    "RKE_CLOUD_CONFIG_CHECKSUM=d41d8cd98f00b204e9800998ecf8427e",
    "CP_HOSTS=10.0.0.1,10.0.0.2",
    "HTTPS_PROXY=http://proxy.example.com:3128",
    "ETCDCTL_ENDPOINTS=https://127.0.0.1:2379",
    "EMPTY=",
    "NO_VALUE",
  ])("describedEnv() shows %s", (variable) => {
    expect(describedEnv(variable)).toBe(variable);
  });

  it("describedEnv() takes the password out of the URL of a proxy", () => {
    expect(describedEnv("HTTPS_PROXY=http://me:hunter2@proxy.example.com:3128")).toBe(
      "HTTPS_PROXY=http://me:[redacted]@proxy.example.com:3128",
    );
  });
});
