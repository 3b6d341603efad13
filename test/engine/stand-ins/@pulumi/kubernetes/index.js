/**
 * Stands for pulumi-kubernetes, whose plugin is not there when the examples are run. It takes what the examples give it, reads
 * the kubeconfig as a client would, and asks no API server: those of simulated machines can be reached through SSH only.
 */
const pulumi = require("@pulumi/pulumi");

/** As the real one, which replaces what is on a cluster when it takes the cluster for another one. */
const ofCluster = {
  async diff(_id, olds, news) {
    return {
      changes: JSON.stringify(olds.metadata) !== JSON.stringify(news.metadata) || olds.kubeconfig !== news.kubeconfig,
      replaces: olds.clusterIdentifier === news.clusterIdentifier ? [] : ["clusterIdentifier"],
    };
  },
  async create(inputs) {
    for (const part of ["server: ", "certificate-authority-data: ", "client-certificate-data: ", "client-key-data: "])
      if (!inputs.kubeconfig.includes(part)) throw new Error(`The kubeconfig has no ${part}`);
    return { id: inputs.clusterIdentifier ?? "cluster", outs: inputs };
  },
  async update(_id, _olds, news) {
    return { outs: news };
  },
};

class Provider extends pulumi.dynamic.Resource {
  constructor(name, { kubeconfig, clusterIdentifier }, opts) {
    super(ofCluster, name, { kubeconfig, clusterIdentifier }, opts);
  }
}

class Namespace extends pulumi.dynamic.Resource {
  constructor(name, { metadata }, { provider, ...opts }) {
    const { kubeconfig, clusterIdentifier } = provider;
    super(ofCluster, name, { metadata, kubeconfig, clusterIdentifier }, opts);
  }
}

module.exports = { Provider, core: { v1: { Namespace } } };
