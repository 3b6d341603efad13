import { describe, it } from "vitest";

import { accepts, refuses, warns } from "../../../support/findings.ts";

describe("registryRules()", () => {
  const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
  const registries = (...privateRegistries: object[]) => ({ privateRegistries });

  it.each([
    [
      registries({ url: "https://x", isDefault: true }),
      '"https://x" cannot stand before the name of an image: write "x"',
    ],
    [registries({ url: "x/", isDefault: true }), 'write "x"'],
    [registries({ url: "a b" }), '"a b" is not a registry'],
    [registries({ url: "x", ecrCredentialPlugin: {} }), '"x" is not an Amazon ECR'],
  ])("refuses %j", refuses);

  it.each([
    [
      registries({ url: "x" }, { url: "x" }),
      'privateRegistries[0].url: privateRegistries[1] is "x" too: the last one counts',
    ],
    [registries({}, { url: "docker.io" }), 'privateRegistries[1] is "docker.io" too'],
    [
      registries({ url: "x", isDefault: true }, { url: "y", isDefault: true }),
      "privateRegistries[1].isDefault: privateRegistries[0] is the default already",
    ],
    [registries({ isDefault: true }), "A default registry needs a url"],
    [registries({ url: "https://x" }), 'No image begins with "https://x": write "x"'],
    [registries({ url: "x", user: "u" }), "user is given without password"],
    [registries({ url: ecr, ecrCredentialPlugin: {}, user: "u", password: "p" }), "Credentials are given too"],
    [
      registries({ url: ecr, ecrCredentialPlugin: { awsAccessKeyId: "a" } }),
      "Of the access key only one half is given",
    ],
  ])("warns of %j", warns);

  it.each([
    registries({ url: "x:5000/path", user: "u", password: "p", isDefault: true }),
    registries(
      { url: ecr, ecrCredentialPlugin: {} },
      { url: `https://${ecr.replace("ecr", "ecr-fips")}.cn`, ecrCredentialPlugin: {} },
    ),
  ])("accepts %j", accepts);
});
