import type { Path } from "../finding.ts";
import { subdomainProblem } from "../kubernetes-syntax.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

const names = ["etcd", "kubeApi", "kubeController", "scheduler", "kubelet", "kubeproxy"] as const;
const windowsKeys = ["winExtraArgs", "winExtraArgsArray", "winExtraBinds", "winExtraEnv"] as const;

/** What all services take: flags, mounts, environment. */
export function* serviceRules({ given, config }: Draft): Generator<Verdict> {
  for (const name of names) {
    const service = config.services[name];
    const at = (...keys: readonly (string | number)[]): Path => ["services", name, ...keys];
    for (const key of ["extraArgs", "extraArgsArray", "winExtraArgs", "winExtraArgsArray"] as const) {
      yield* flagRules(Object.keys(service[key] ?? {}), at(key));
    }
    for (const key of ["extraBinds", "winExtraBinds"] as const) yield* bindRules(service[key] ?? [], at(key));
    for (const key of ["extraEnv", "winExtraEnv"] as const) yield* environmentRules(service[key] ?? [], at(key));
    if (given.services?.[name]?.image) {
      const instead = name === "etcd" ? "systemImages.etcd" : "systemImages.kubernetes";
      yield warning(at("image"), `The image of a service is ignored, as in RKE: set ${instead}`);
    }
    if (name === "kubelet" || name === "kubeproxy") continue;
    for (const key of windowsKeys.filter((candidate) => service[candidate] !== undefined)) {
      yield warning(at(key), `${key} has an effect on kubelet and kubeproxy only`);
    }
  }
  const domain = config.services.kubelet.clusterDomain;
  const problem = subdomainProblem(domain.replace(/\.$/, ""));
  if (problem !== undefined) {
    yield failure(["services", "kubelet", "clusterDomain"], `${quoted(domain)} is not a DNS domain: ${problem}`);
  }
}

/** Names of flags that are put behind two dashes. */
export function* flagRules(flags: readonly string[], path: Path): Generator<Verdict> {
  for (const flag of flags) {
    const bare = flag.replace(/^-+/, "");
    if (bare !== flag) yield failure([...path, flag], `Flags are named without dashes: write ${quoted(bare)}`);
    else if (flag === "" || /[\s=]/.test(flag)) {
      const instead = flag.includes("=") ? ": give the value apart from the name" : "";
      yield failure([...path, flag], `${quoted(flag)} is not the name of a flag${instead}`);
    }
  }
}

/** Docker refuses a container with a mount that it cannot read. */
const bind = /^([A-Za-z]:[\\/][^:]*|\/[^:]*|[\w][\w.-]*):([A-Za-z]:[\\/][^:]*|\/[^:]*)(?::([A-Za-z,]*))?$/;
const bindOptions = new Set(
  "ro rw z Z shared rshared slave rslave private rprivate nocopy consistent cached delegated".split(" "),
);

function* bindRules(binds: readonly string[], path: Path): Generator<Verdict> {
  for (const [index, text] of binds.entries()) {
    const parts = bind.exec(text);
    if (parts === null) {
      yield failure(
        [...path, index],
        `${quoted(text)} is not a mount: write /on/the/host:/in/the/container, or with :ro behind it`,
      );
      continue;
    }
    const wrong = (parts[3] ?? "").split(",").find((option) => option !== "" && !bindOptions.has(option));
    if (wrong !== undefined) {
      yield failure(
        [...path, index],
        `${quoted(wrong)} is not an option of a mount: ${[...bindOptions].join(", ")} are`,
      );
    }
  }
}

function* environmentRules(variables: readonly string[], path: Path): Generator<Verdict> {
  for (const [index, text] of variables.entries()) {
    // What stands behind "=" may be a password, so none of it goes into a message.
    const name = text.split("=", 1)[0] ?? "";
    if (name === "" || /\s/.test(name)) {
      yield failure([...path, index], "This is not an environment variable: write NAME=value");
    } else if (!text.includes("=")) {
      yield warning([...path, index], `The variable ${quoted(name)} has no value: write NAME=value`);
    }
  }
}
