import type { NodeContainer, NodePlan } from "../desired/node-plan.ts";
import { describedEnv } from "../desired/secret-env.ts";

/** Everything about one machine, for reading. Values that are secret are not shown. */
export function nodeText({ node, prefixPath, containers, files, nodeObject, portChecks }: NodePlan): string {
  const { labels, labelsToDelete, annotations, taints } = nodeObject;
  return [
    `${node.hostnameOverride} (${node.address}${node.internalAddress === node.address ? "" : `, internal ${node.internalAddress}`}): ${node.role.join(" ")}`,
    ...(prefixPath === "/" ? [] : [`directories below ${prefixPath}`]),
    ...containers.flatMap(containerLines),
    ...section(
      "files",
      files.map(({ path, content }) => `${path} (${Buffer.byteLength(content)} bytes)`),
    ),
    ...section("labels", pairs(labels)),
    ...section("labels taken away", labelsToDelete),
    ...section("annotations", pairs(annotations)),
    ...section(
      "taints",
      taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`),
    ),
    ...section(
      "ports that must be reachable",
      portChecks.map(({ port, protocol }) => `${port}/${protocol}`),
    ),
    "",
  ].join("\n");
}

function containerLines({ spec, healthCheckUrl, starts, hash }: NodeContainer): readonly string[] {
  const { name, image, entrypoint = [], cmd = [], env = [], binds = [], volumesFrom = [], securityOpt = [] } = spec;
  const modes = [
    spec.networkMode && `network ${spec.networkMode}`,
    spec.pidMode && `pid ${spec.pidMode}`,
    spec.privileged && "privileged",
    spec.restartPolicy && `restart ${spec.restartPolicy}`,
    spec.user && `user ${spec.user}`,
    !starts && "created, not started",
  ].filter(Boolean);
  return [
    "",
    `${name}  ${image}  ${hash.slice(0, 12)}`,
    ...(modes.length > 0 ? [`  ${modes.join(", ")}`] : []),
    ...detail("command", [...entrypoint, ...cmd]),
    ...detail("env", env.map(describedEnv)),
    ...detail("binds", binds),
    ...detail("volumes of", volumesFrom),
    ...detail("security", securityOpt),
    ...detail("healthy when it answers", healthCheckUrl === undefined ? [] : [healthCheckUrl]),
  ];
}

const detail = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `    ${line}`)];

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];

const pairs = (map: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(map).map(([key, value]) => `${key}=${value}`);
