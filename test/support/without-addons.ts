/** Arguments of a cluster into which nothing is deployed: most tests are about what comes before that. */
export const withoutAddons = {
  network: { plugin: "none" },
  dns: { provider: "none" },
  ingress: { provider: "none" },
  monitoring: { provider: "none" },
} as const;
