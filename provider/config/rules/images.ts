import { imageTag } from "../../releases/image-tag.ts";
import { isPublic } from "../../releases/index.ts";
import { parseTag } from "../../releases/versions.ts";
import type { Path } from "../finding.ts";
import { quoted } from "../quoted.ts";
import type { SystemImageName } from "../schema/system-images.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

/** Images that people name: their form, the tags that decide about flags, and whether all are there. */
export function* imageRules(draft: Draft): Generator<Verdict> {
  const { given, config, release } = draft;
  for (const [name, image] of Object.entries(given.systemImages ?? {})) {
    if (image) yield* formRules(image, ["systemImages", name]);
  }
  const pause = given.services?.kubelet?.infraContainerImage;
  if (pause) yield* formRules(pause, ["services", "kubelet", "infraContainerImage"]);

  for (const name of ["etcd", "kubernetes"] as const) {
    const image = config.systemImages[name];
    if (image === "" || given.systemImages?.[name] === undefined) continue;
    const tag = imageTag(image);
    const version = tag === undefined ? undefined : parseTag(tag);
    if (version === undefined) {
      const what = tag === undefined ? "has no tag" : `has the tag ${quoted(tag)}, which is not a version`;
      const reason = `${quoted(image)} ${what}: flags depend on the version, so a tag such as ${exampleTags[name]} is needed`;
      yield failure(["systemImages", name], reason);
    } else if (name === "kubernetes" && release !== undefined && version.minor !== release.minorNumber) {
      const reason = `${quoted(image)} is not an image of ${release.kubernetesVersion}: flags of that version are passed to it`;
      yield warning(["systemImages", name], reason, [["kubernetesVersion"]]);
    }
  }
  if (!isPublic(config.systemImages) && !given.systemImages?.kubernetes) {
    const reason = `The image of ${config.kubernetesVersion}, ${quoted(config.systemImages.kubernetes)}, is not public: choose a version before it, or name an image that you have in systemImages.kubernetes`;
    yield warning(["kubernetesVersion"], reason);
  }
  yield* completenessRules(draft);
}

const exampleTags = { etcd: "v3.5.16", kubernetes: "v1.32.7-rancher1" } as const;

const reference =
  /^(?:[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d+)?\/|\[[\da-f:]+\](?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[a-z0-9+._-]+:[\da-f]{32,})?$/i;

const longestReference = 512;

function* formRules(image: string, path: Path): Generator<Verdict> {
  const repository = image.split("@")[0]?.split("/").slice(1).join("/").split(":")[0] ?? "";
  if (image.length <= longestReference && reference.test(image) && repository === repository.toLowerCase()) return;
  yield failure(path, `${quoted(image)} is not the name of an image: write registry/repository:tag`);
}

const always = [
  "etcd",
  "kubernetes",
  "podInfraContainer",
  "alpine",
  "nginxProxy",
  "certDownloader",
  "kubernetesServicesSidecar",
] as const satisfies readonly SystemImageName[];

const ofPlugin: Readonly<Partial<Record<string, readonly SystemImageName[]>>> = {
  flannel: ["flannel", "flannelCni"],
  canal: ["canalNode", "canalCni", "canalFlannel"],
  calico: ["calicoCni", "calicoCtl", "calicoNode", "calicoControllers"],
  weave: ["weaveNode", "weaveCni"],
  aci: [
    "aciCniDeployContainer",
    "aciHostContainer",
    "aciOpflexContainer",
    "aciMcastContainer",
    "aciOvsContainer",
    "aciControllerContainer",
  ],
};

const ofDns: Readonly<Partial<Record<string, readonly SystemImageName[]>>> = {
  coredns: ["coredns", "corednsAutoscaler"],
  "kube-dns": ["kubedns", "dnsmasq", "kubednsSidecar", "kubednsAutoscaler"],
};

/** A version that the metadata do not know brings no image along. */
function* completenessRules({ config, release }: Draft): Generator<Verdict> {
  if (release === undefined || release.known) return;
  const { network, dns, ingress, monitoring, systemImages } = config;
  const required: readonly SystemImageName[] = [
    ...always,
    ...(ofPlugin[network.plugin] ?? []),
    ...(ofDns[dns.provider] ?? []),
    ...(dns.nodelocal === undefined || dns.provider === "none" ? [] : (["nodelocal"] as const)),
    ...(monitoring.provider === "none" ? [] : (["metricsServer"] as const)),
    ...(ingress.provider === "none" ? [] : (["ingress", "ingressBackend"] as const)),
    ...(ingress.provider !== "none" && release.ingressDefaults.needsWebhookImage ? (["ingressWebhook"] as const) : []),
  ];
  const missing = required.filter((name) => systemImages[name] === "");
  if (missing.length === 0) return;
  const reason = `RKE does not know ${release.kubernetesVersion}, so every image must be named, and these are missing: ${missing.join(", ")}`;
  const basis: Path[] = [
    ["kubernetesVersion"],
    ["network", "plugin"],
    ["dns", "provider"],
    ["dns", "nodelocal"],
    ["ingress", "provider"],
    ["monitoring", "provider"],
  ];
  yield failure(["systemImages"], reason, basis);
}
