import * as pulumi from "@pulumi/pulumi";

/** Stands for the virtual machine of your cloud: something that is made, has an address, and is deleted. */
export class Vm extends pulumi.dynamic.Resource {
  declare readonly host: pulumi.Output<string>;
  declare readonly port: pulumi.Output<number>;
  declare readonly address: pulumi.Output<string>;

  constructor(name: string, args: { readonly cloud: pulumi.Input<string> }, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { name, ...args, host: undefined, port: undefined, address: undefined }, opts);
  }
}

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    const response = await globalThis.fetch(`${inputs.cloud}/machines/${inputs.name}`, { method: "PUT" });
    const where = (await response.json()) as { host: string; port: number; address: string };
    return { id: inputs.name, outs: { ...inputs, ...where } };
  },
  async delete(id, outputs) {
    await globalThis.fetch(`${outputs.cloud}/machines/${id}`, { method: "DELETE" });
  },
};
