/** The body of `POST /containers/create`, as far as the fleet reads it. */
export interface ContainerSpec {
  readonly Image: string;
  readonly Cmd?: readonly string[] | string | null;
  readonly Entrypoint?: readonly string[] | string | null;
  readonly Env?: readonly string[] | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Tty?: boolean;
  readonly Healthcheck?: { readonly Test?: readonly string[] };
  readonly HostConfig?: {
    readonly Binds?: readonly string[] | null;
    readonly NetworkMode?: string;
    readonly RestartPolicy?: { readonly Name?: string; readonly MaximumRetryCount?: number };
    readonly VolumesFrom?: readonly string[] | null;
    readonly PortBindings?: Readonly<Record<string, readonly { readonly HostPort?: string }[]>> | null;
    readonly AutoRemove?: boolean;
  };
}

export const words = (value: readonly string[] | string | null | undefined): readonly string[] =>
  typeof value === "string" ? [value] : (value ?? []);

/** The name in `NAME=value`. */
export const keyOf = (entry: string): string => entry.split("=", 1)[0] ?? entry;

/** Names of the containers whose volumes a container uses. */
export const volumeSources = (spec: ContainerSpec): readonly string[] =>
  (spec.HostConfig?.VolumesFrom ?? []).map((from) => from.split(":")[0] ?? "");

/** Ports of the machine that lead into a container with a network of its own. */
export const publishedPorts = (spec: ContainerSpec): readonly number[] =>
  spec.HostConfig?.NetworkMode === "host"
    ? []
    : Object.values(spec.HostConfig?.PortBindings ?? {}).flatMap((hosts) => hosts.map((host) => Number(host.HostPort)));
