import { isPort } from "../kubernetes-syntax.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict } from "./draft.ts";

/** How this version of Kubernetes runs containers. */
export function* versionRules({ config, release }: Draft): Generator<Verdict> {
  if (release !== undefined) {
    const { kubernetesVersion, criDockerd } = release;
    if (config.enableCriDockerd && !criDockerd.allowed) {
      const reason = `cri-dockerd needs Kubernetes v1.21 or newer, and this is ${kubernetesVersion}: remove the setting`;
      yield failure(["enableCriDockerd"], reason, [["kubernetesVersion"]]);
    }
    if (!config.enableCriDockerd && criDockerd.byDefault) {
      const reason = `Kubernetes ${kubernetesVersion} runs containers through cri-dockerd only: remove the setting`;
      yield failure(["enableCriDockerd"], reason, [["kubernetesVersion"]]);
    }
  }
  const port = config.criDockerdStreamServerPort;
  if (port && !isPort(port))
    yield failure(["criDockerdStreamServerPort"], `${quoted(port)} is not a port: write a number from 1 to 65535`);
}
