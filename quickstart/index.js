const { readFileSync } = require("node:fs");
const { dirname, resolve } = require("node:path");

const { load } = require("js-yaml");
const pulumi = require("@pulumi/pulumi");
const { RkeCluster, RkeNode } = require("pulumi-rke");

const config = new pulumi.Config();
const inventory = resolve(dirname(__dirname), config.require("inventory"));

const nodes = load(readFileSync(inventory, "utf8")).map(({ name, privateKeyFile, ...machine }) => {
  const privateKey = privateKeyFile && readFileSync(resolve(dirname(inventory), privateKeyFile), "utf8");
  return new RkeNode(name, { hostnameOverride: name, ...machine, ...(privateKey && { privateKey }) });
});

const cluster = new RkeCluster("demo", { nodes, kubernetesVersion: config.require("kubernetesVersion") });

exports.kubeconfig = cluster.kubeconfig;
exports.endpoints = cluster.endpoints;
exports.planes = cluster.planes;
