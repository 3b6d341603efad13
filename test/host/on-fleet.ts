import { clusterHandler } from "../../provider/resources/cluster.ts";
import type { ChangeCall, Handler, Properties } from "../../provider/resources/handler.ts";
import { identityHandler } from "../../provider/resources/identity.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { surroundings } from "../unit/resources/surroundings.ts";

export type Roles = readonly ("etcd" | "controlplane" | "worker")[];

export const all: Roles = ["etcd", "controlplane", "worker"];

/** Inputs of a cluster on machines of a fleet, as the class registers them. */
export function registered(fleet: Fleet, roles: Readonly<Record<string, Roles>>, more: Properties = {}): Properties {
  const names = Object.keys(roles);
  const login = (name: string) => fleet.node(name);
  return {
    __provider: "text",
    name: "prod",
    kubernetesVersion: "v1.31.4-rancher1-1",
    nodes: Object.fromEntries(
      names.map((name) => {
        const { host, port, user, machine } = login(name);
        const entry = { host, port, user, address: machine.address, hostnameOverride: name, roles: roles[name] };
        return [name, entry];
      }),
    ),
    connections: Object.fromEntries(names.map((name) => [name, { privateKey: login(name).privateKey }])),
    secrets: {},
    ...more,
  };
}

/** Drives one resource as Pulumi's engine does, and keeps its state. */
export class Stack {
  readonly world = surroundings();
  readonly #handler: Handler = clusterHandler(this.world);
  inputs: Properties = {};
  id = "";
  state: Properties = {};
  readonly #identityArgs: Properties;
  #identity: Properties | undefined;

  constructor(identityArgs: Properties = {}) {
    this.#identityArgs = identityArgs;
  }

  async checked(news: Properties): Promise<Properties> {
    this.#identity ??= (await identityHandler(this.world).create({ news: this.#identityArgs })).outs;
    const { bundle: identity, kubeconfig, clusterId } = this.#identity;
    const call = { olds: this.inputs, news: { identity, kubeconfig, clusterId, ...news } };
    const { inputs, failures } = await this.#handler.check(call);
    if (failures.length > 0)
      throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
    return inputs;
  }

  preview(news: Properties): Promise<{ changes: boolean; text: string }> {
    return this.diffAs(news, { isPreview: true });
  }

  /** What a diff says after a check with what the class tells of the engine's run. */
  async diffAs(
    news: Properties,
    __call: { isPreview: boolean } | undefined,
  ): Promise<{ changes: boolean; text: string }> {
    const from = this.world.lines.length;
    const { changes } = await this.#handler.diff(
      this.#change(await this.checked({ ...news, ...(__call && { __call }) })),
    );
    return { changes, text: this.world.lines.slice(from).join("\n") };
  }

  /** As the engine: what an error carries is the state; inputs are those of the last run that left one. */
  async up(news: Properties, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const inputs = await this.checked(news);
    const stop = signal === undefined ? {} : { signal };
    try {
      if (this.id === "") {
        const { id, outs } = await this.#handler.create({ news: inputs, ...stop });
        this.#keep(inputs, id, outs);
      } else {
        const { outs } = await this.#handler.update({ ...this.#change(inputs), ...stop });
        this.#keep(inputs, this.id, outs);
      }
    } catch (error) {
      const { id, properties } = error as { id?: string; properties?: Properties };
      if (id !== undefined && properties !== undefined) this.#keep(inputs, id, properties);
      throw error;
    }
  }

  async refresh(): Promise<void> {
    const { id, props } = await this.#handler.read({ id: this.id, olds: this.state });
    this.#keep(this.inputs, id, props);
  }

  async destroy(): Promise<void> {
    await this.#handler.delete({ id: this.id, olds: this.state });
    this.id = "";
  }

  #change(news: Properties): ChangeCall {
    return { id: this.id, olds: this.state, news };
  }

  #keep(inputs: Properties, id: string, state: Properties): void {
    this.inputs = inputs;
    this.id = id;
    this.state = JSON.parse(JSON.stringify(state));
  }
}
