import { describe, expect, it } from "vitest";

import { registryCredentialsOf } from "../../../provider/execute/registry-credentials.ts";

const credentials = registryCredentialsOf({
  privateRegistries: [
    { user: "hub", password: "hub-word" },
    { url: "registry.example.com", user: "team", password: "word" },
    { url: "mirror.example.com" },
    { url: "1.dkr.ecr.eu-west-1.amazonaws.com", ecrCredentialPlugin: {} },
    { url: "2.dkr.ecr.eu-west-1.amazonaws.com", user: "AWS", password: "token", ecrCredentialPlugin: {} },
  ],
});

describe("registryCredentialsOf()", () => {
  it("gives the credentials of the registry that an image comes from", async () => {
    expect(await credentials("registry.example.com/rancher/hyperkube:v1")).toEqual({
      username: "team",
      password: "word",
      serveraddress: "registry.example.com",
    });
  });

  it("takes a registry without a name for Docker Hub", async () => {
    expect(await credentials("rancher/hyperkube:v1")).toMatchObject({ username: "hub", serveraddress: "docker.io" });
  });

  it.each([
    ["of a registry that is not configured", "quay.io/coreos/etcd:v3"],
    ["of a registry without credentials", "mirror.example.com/rancher/hyperkube:v1"],
  ])("has none for an image %s", async (_which, image) => {
    expect(await credentials(image)).toBeUndefined();
  });

  it("prefers a user and password to the plugin", async () => {
    expect(await credentials("2.dkr.ecr.eu-west-1.amazonaws.com/rancher/hyperkube:v1")).toMatchObject({
      username: "AWS",
      password: "token",
    });
  });

  it("refuses what only the plugin of AWS could get, and says what to do", async () => {
    const asking = credentials("1.dkr.ecr.eu-west-1.amazonaws.com/rancher/hyperkube:v1");

    await expect(asking).rejects.toMatchObject({
      code: "registry",
      detail: { hint: expect.stringContaining("aws ecr get-login-password") },
    });
  });
});
