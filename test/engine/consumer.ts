import { type CustomResourceOptions, dynamic, type Input } from "@pulumi/pulumi";

const provider: dynamic.ResourceProvider = {
  async diff(_id, olds, news) {
    return { changes: olds.of !== news.of };
  },
  async create(inputs) {
    return { id: "consumer", outs: inputs };
  },
  async update(_id, _olds, news) {
    return { outs: news };
  },
};

/** Stands for what is built on a cluster: a resource that changes when what it was given changes, or is not known. */
export class Consumer extends dynamic.Resource {
  constructor(name: string, of: Input<string>, options?: CustomResourceOptions) {
    super(provider, name, { of }, options);
  }
}
