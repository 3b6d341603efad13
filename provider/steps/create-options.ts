import type { ContainerCreateOptions } from "dockerode";

import type { ContainerSpec } from "../desired/container-spec.ts";

/** A container's spec in the words of the Engine API. What the spec leaves open is left to Docker and the image. */
export function createOptions(
  spec: Omit<ContainerSpec, "name">,
  { labels = {} }: { labels?: Readonly<Record<string, string>> } = {},
): ContainerCreateOptions {
  const { entrypoint, cmd, env, user, binds, volumesFrom, networkMode, pidMode } = spec;
  const { restartPolicy, privileged, securityOpt } = spec;
  return {
    Image: spec.image,
    Labels: { ...spec.labels, ...labels },
    ...(entrypoint !== undefined && { Entrypoint: [...entrypoint] }),
    ...(cmd !== undefined && { Cmd: [...cmd] }),
    ...(env !== undefined && { Env: [...env] }),
    ...(user !== undefined && { User: user }),
    HostConfig: {
      ...(binds !== undefined && { Binds: [...binds] }),
      ...(volumesFrom !== undefined && { VolumesFrom: [...volumesFrom] }),
      ...(networkMode !== undefined && { NetworkMode: networkMode }),
      ...(pidMode !== undefined && { PidMode: pidMode }),
      ...(restartPolicy !== undefined && { RestartPolicy: { Name: restartPolicy, MaximumRetryCount: 0 } }),
      ...(privileged !== undefined && { Privileged: privileged }),
      ...(securityOpt !== undefined && { SecurityOpt: [...securityOpt] }),
    },
  };
}
