import { describe, expect, it } from "vitest";

import { type AddonsPlan, planAddons } from "../../../../provider/desired/addons/plan-addons.ts";
import { aCluster } from "../world.ts";
import { anAddon } from "./an-addon.ts";

function planOf(changes: object = {}, includes?: readonly string[]): AddonsPlan {
  const { config, release } = aCluster(changes);
  return planAddons(config, release, { includes });
}

const namesOf = ({ deployed }: AddonsPlan) => deployed.map(({ name }) => name);

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

describe("planAddons()", () => {
  it("deploys what RKE deploys unless it is told otherwise", () => {
    expect(namesOf(planOf())).toEqual(["canal", "coredns", "metrics-server", "ingress-nginx"]);
  });

  it("deploys nothing that is switched off", () => {
    const off = { provider: "none" };

    expect(namesOf(planOf({ network: { plugin: "none" }, dns: off, ingress: off, monitoring: off }))).toEqual([]);
  });

  it("does not deploy the DNS cache without a DNS server", () => {
    const nodelocal = { ipAddress: "169.254.20.10" };

    expect(namesOf(planOf({ dns: { nodelocal } }))).toContain("nodelocal");
    expect(namesOf(planOf({ dns: { provider: "none", nodelocal } }))).not.toContain("nodelocal");
  });

  it("leaves an addon alone whose manifest is not built, and says which that is", () => {
    const { deployed, untouched } = planOf({ kubernetesVersion: "v1.24.17-rancher1-1" });

    expect(deployed.map(({ name }) => name)).toEqual(["coredns", "metrics-server"]);
    expect(untouched).toEqual([
      { name: "canal", because: expect.stringContaining("the manifest canal-v3.22.5-rancher2") },
      { name: "ingress-nginx", because: expect.stringContaining("nginxingress-v1.5.1-rancher2") },
    ]);
  });

  it("has the same digest for the same objects, and another one for another setting", () => {
    const digests = [{}, {}, { dns: { nodeSelector: { a: "b" } } }].map(
      (changes) => anAddon("coredns", changes).digest,
    );

    expect(digests[0]).toBe(digests[1]);
    expect(digests[2]).not.toBe(digests[0]);
  });

  it("changes no other addon with a setting of one", () => {
    const before = planOf().deployed;
    const after = planOf({ dns: { nodeSelector: { a: "b" } } }).deployed;

    expect(after.filter(({ digest }, index) => digest !== before[index]?.digest).map(({ name }) => name)).toEqual([
      "coredns",
    ]);
  });

  it("takes the objects of a person's manifests as they are, those of lists one by one", () => {
    const list = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n";
    const addon = anAddon("user-addons", { addons: `---\n${configMap("a")}---\n# nothing\n---\n${list}` });

    expect(addon.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(["ConfigMap a", "Secret b"]);
  });

  it("names the document that is no object, and nothing of what is in it", () => {
    const reading = () => planOf({ addons: "---\napiVersion: v1\nkind: Secret\nstringData: {p: hunter2}\n" });

    expect(reading).toThrow("Cannot read the objects of addons: document 1 has no metadata.name");
    expect(reading).not.toThrow("hunter2");
  });

  it("reads what addonsInclude names once somebody has fetched it", () => {
    const args = { addonsInclude: ["extra.yaml"] };

    expect(planOf(args).untouched.map(({ name }) => name)).toEqual(["included-addons"]);
    expect(namesOf(planOf(args, [configMap("a")]))).toContain("included-addons");
  });
});
