import { describe, it } from "vitest";

import { accepts, refuses } from "../../../support/findings.ts";

describe("rolloutRules()", () => {
  it.each([
    [
      { network: { updateStrategy: { strategy: "Recreate" } } },
      'network.updateStrategy.strategy: The strategy "Recreate" is not possible here: "RollingUpdate" and "OnDelete" are',
    ],
    [{ dns: { updateStrategy: { strategy: "OnDelete" } } }, '"RollingUpdate" and "Recreate" are'],
    [
      { monitoring: { updateStrategy: { rollingUpdate: { maxSurge: "a lot" } } } },
      'monitoring.updateStrategy.rollingUpdate.maxSurge: "a lot" is not a number of pods',
    ],
    [{ ingress: { updateStrategy: { rollingUpdate: { maxUnavailable: -1 } } } }, "-1 is not a number of pods"],
    [{ network: { tolerations: [{ effect: "NoSchedule" }] } }, "network.tolerations[0].key: The key is missing"],
    [
      { dns: { tolerations: [{ key: "a", operator: "Exists", value: "b" }] } },
      'The operator "Exists" takes no value, and "b" is given',
    ],
    [
      { ingress: { tolerations: [{ key: "a", effect: "NoSchedule", tolerationSeconds: 1 }] } },
      'Seconds are possible with the effect "NoExecute" only',
    ],
  ])("refuses %j", refuses);

  it.each([
    { network: { updateStrategy: { strategy: "OnDelete" }, tolerations: [{ operator: "Exists" }] } },
    {
      dns: {
        updateStrategy: { strategy: "Recreate" },
        nodelocal: { ipAddress: "169.254.20.10", updateStrategy: { strategy: "" } },
      },
    },
    { monitoring: { updateStrategy: { rollingUpdate: { maxUnavailable: "25%", maxSurge: 0 } } } },
    { ingress: { tolerations: [{ key: "a", value: "b", effect: "NoExecute", tolerationSeconds: 1 }] } },
  ])("accepts %j", accepts);
});

describe("upgradeRules()", () => {
  it.each(["0", "0%", "-1", "many", "10 %", "1.5"])("refuses to replace %s nodes at a time", (maxUnavailableWorker) => {
    refuses({ upgradeStrategy: { maxUnavailableWorker } }, "upgradeStrategy.maxUnavailableWorker: ");
  });

  it.each([1, "1", "10%", "100%", ""])("accepts to replace %j nodes at a time", (maxUnavailableWorker) => {
    accepts({ upgradeStrategy: { maxUnavailableWorker } });
  });

  it("refuses a grace period below -1", () => {
    refuses({ upgradeStrategy: { nodeDrainInput: { gracePeriod: -2 } } }, "gracePeriod: -2 is not a time");
  });
});
