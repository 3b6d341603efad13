import { isPort } from "../kubernetes-syntax.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

/** The way to the machines, and where files lie on them. */
export function* connectionRules({ given, config }: Draft): Generator<Verdict> {
  if (given.sshCertPath) {
    yield warning(["sshCertPath"], "sshCertPath of the cluster has no effect, as in RKE: set it for each node");
  }
  if (!config.prefixPath.startsWith("/") && !/^[A-Za-z]:/.test(config.prefixPath)) {
    yield failure(["prefixPath"], `${quoted(config.prefixPath)} is not an absolute path`);
  }
  const bastion = given.bastionHost;
  if (bastion !== undefined && Object.keys(bastion).length > 0) {
    if (!bastion.address) {
      yield warning(["bastionHost", "address"], "Without an address the bastion is not used");
      return;
    }
    if (!bastion.user) yield failure(["bastionHost", "user"], "The user is missing: name the one that SSH logs in as");
    const port = bastion.port || "22";
    if (!isPort(port))
      yield failure(["bastionHost", "port"], `${quoted(port)} is not a port: write a number from 1 to 65535`);
    const agent = bastion.sshAgentAuth;
    if (agent !== undefined && agent !== config.sshAgentAuth) {
      const reason = `sshAgentAuth of the cluster (${config.sshAgentAuth}) overrules that of the bastion: set it there`;
      yield warning(["bastionHost", "sshAgentAuth"], reason, [["sshAgentAuth"]]);
    }
  }
  yield* rotationRules(given);
}

const rotatable = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "etcd"];

function* rotationRules({ rotateCertificates }: Draft["given"]): Generator<Verdict> {
  for (const [index, name] of (rotateCertificates?.services ?? []).entries()) {
    if (rotatable.includes(name)) continue;
    const reason = `${quoted(name)} has no certificates to rotate: ${rotatable.join(", ")} have`;
    yield warning(["rotateCertificates", "services", index], reason);
  }
}
