import { describe, expect, it } from "vitest";

import { kubeletDockerConfig, registriesOf, registryName, registryOf } from "../../../provider/desired/registries.ts";

const registry = (url: string, more: object = {}) => ({ url, user: "u", password: "p", ...more });
const registries = (...privateRegistries: ReturnType<typeof registry>[]) => registriesOf({ privateRegistries });

describe("registryName()", () => {
  it.each([
    ["hyperkube", "docker.io"],
    ["hyperkube:v1.32.7", "docker.io"],
    ["rancher/hyperkube:v1.32.7-rancher1", "docker.io"],
    ["docker.io/rancher/hyperkube:v1.32.7-rancher1", "docker.io"],
    ["index.docker.io/rancher/hyperkube:v1.32.7-rancher1", "docker.io"],
    ["registry.example.com/hyperkube", "registry.example.com"],
    ["registry.example.com/rancher/hyperkube:v1", "registry.example.com"],
    ["registry.example.com:5000/rancher/hyperkube:v1", "registry.example.com:5000"],
    ["registry.example.com:5000/rancher/hyperkube", "registry.example.com:5000"],
    ["localhost/rancher/hyperkube", "localhost"],
    ["localhost:5000/hyperkube:v1", "localhost:5000"],
    ["registry.example.com/team/rancher/hyperkube:v1", "registry.example.com/team"],
    ["registry.example.com/a/b/c/rancher/hyperkube:v1", "registry.example.com/a/b/c"],
    ["team/x/rancher/hyperkube:v1", "docker.io/team/x"],
    ["registry.example.com/rancher/hyperkube@sha256:0123", "registry.example.com"],
    ["registry.example.com/rancher/hyperkube:v1@sha256:0123", "registry.example.com"],
  ])("registryName() of %s is %s", (image, name) => {
    expect(registryName(image)).toBe(name);
  });
});

describe("registryOf()", () => {
  it("registryOf() finds the registry by host and path", () => {
    const known = registries(registry("registry.example.com"), registry("registry.example.com/team"));

    const found = registryOf("registry.example.com/team/rancher/hyperkube:v1", known);

    expect(found?.url).toBe("registry.example.com/team");
  });

  it("registryOf() takes a registry without a url for docker.io", () => {
    const found = registryOf("rancher/hyperkube:v1", registries(registry("")));

    expect(found?.user).toBe("u");
  });

  it("registryOf() takes the last of two registries with one url", () => {
    const known = registries(registry("r.example.com", { user: "first" }), registry("r.example.com", { user: "last" }));

    const found = registryOf("r.example.com/rancher/hyperkube:v1", known);

    expect(found?.user).toBe("last");
  });

  it.each([
    "rancher/hyperkube:v1",
    "registry.example.com.evil.org/rancher/hyperkube:v1",
    "registry.example.com/a/b/c:v1",
  ])("registryOf() keeps the credentials of another registry from %s", (image) => {
    expect(registryOf(image, registries(registry("registry.example.com")))).toBeUndefined();
  });
});

describe("kubeletDockerConfig()", () => {
  it("kubeletDockerConfig() lists credentials by registry, sorted", () => {
    const known = registries(registry("z.example.com", { user: "zoe", password: "z:z" }), registry("a.example.com"));

    expect(kubeletDockerConfig(known)).toBe(
      '{"auths":{"a.example.com":{"auth":"dTpw"},"z.example.com":{"auth":"em9lOno6eg=="}}}',
    );
  });

  it("kubeletDockerConfig() leaves registries of Amazon to a helper", () => {
    const ecr = registry("1.dkr.ecr.eu-west-1.amazonaws.com", { ecrCredentialPlugin: { awsAccessKeyId: "AKIA" } });

    expect(kubeletDockerConfig(registries(registry(""), ecr))).toBe(
      '{"auths":{"docker.io":{"auth":"dTpw"}},"credHelpers":{"1.dkr.ecr.eu-west-1.amazonaws.com":"ecr-login"}}',
    );
  });
});
