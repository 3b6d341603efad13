import { describe, it } from "vitest";

import { accepts, refuses, warns } from "../../../support/findings.ts";
import { withoutAddons } from "../../../support/without-addons.ts";

describe("authenticationRules()", () => {
  it.each([
    [{ authentication: { strategy: "x509|oidc" } }, 'authentication.strategy: The strategy "oidc" is not possible'],
    [{ authentication: { strategy: "webhook" } }, '"webhook" lacks "x509"'],
    [{ authentication: { webhook: { cacheTimeout: "5" } } }, '"5" is not a duration'],
    [
      { authentication: { webhook: { configFile: "/etc/webhook.yaml" } } },
      "The text is not a kubeconfig: give its contents, not its path",
    ],
  ])("refuses %j", refuses);

  it.each([
    [{ authentication: { sans: ["https://x"] } }, '"https://x" is neither an address nor a DNS name'],
    [
      { authorization: { mode: "abac" }, kubernetesVersion: "v1.20.5-rancher1-1", ...withoutAddons },
      'The mode "abac" works like "none"',
    ],
  ])("warns of %j", warns);

  it.each([
    { authentication: { strategy: "x509|Webhook" } },
    {
      authentication: {
        strategy: " X509 | webhook ",
        webhook: { cacheTimeout: "1m30s", configFile: "kind: Config\n" },
      },
    },
    { authentication: { sans: ["a.example.com", "*.example.com", "10.0.0.1", "2001:db8::1", "Upper"] } },
    { authorization: { mode: "none" }, kubernetesVersion: "v1.20.5-rancher1-1", ...withoutAddons },
  ])("accepts %j", accepts);
});
