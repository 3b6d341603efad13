import { describe, expect, it } from "vitest";

import { readClusterYml } from "../../../provider/config/cluster-yml.ts";
import { unknownValue } from "../../../provider/config/unknowns.ts";

const failuresOf = (text: string) =>
  readClusterYml(text).failures.map(({ line, yamlPath, reason }) => `${line} ${yamlPath}: ${reason}`);
const warningsOf = (text: string) =>
  readClusterYml(text)
    .warnings.filter(({ reason }) => !reason.startsWith("No Kubernetes version"))
    .map(({ line, yamlPath, reason }) => `${line} ${yamlPath}: ${reason}`);
const argsOf = (text: string) => readClusterYml(text).args;

describe("readClusterYml() reads", () => {
  it.each(["", "\n", "# nothing\n", "---\n", "~", "{}"])("%j as no arguments", (text) => {
    expect(argsOf(text)).toEqual({});
  });

  it("keys in their RKE spelling into TypeScript names", () => {
    const args = argsOf(
      "services: {kube-api: {secrets_encryption_config: {enabled: yes}}, etcd: {backup_config: {s3backupconfig: {custom_ca: x}}}}",
    );

    expect(args).toEqual({
      services: {
        kubeApi: { secretsEncryptionConfig: { enabled: true } },
        etcd: { backupConfig: { s3BackupConfig: { customCa: "x" } } },
      },
    });
  });

  it("a schedule of snapshots, which RKE passes over", () => {
    const text = 'services: {etcd: {backup_config: {schedule: "0 3 * * *"}}}';

    expect(argsOf(text)).toEqual({ services: { etcd: { backupConfig: { schedule: "0 3 * * *" } } } });
    expect(warningsOf(text)).toEqual([]);
  });

  it("every scalar where a text is wanted, as it stands in the file", () => {
    const args = argsOf(
      "services: {kube-api: {extra_args: {on: off, num: 1.10, big: 0x10, sci: 1e3, time: 10:20, nul: ~, q: 'a \"b\"', oct: 010}}}",
    );

    expect(args).toEqual({
      services: {
        kubeApi: {
          extraArgs: {
            on: "off",
            num: "1.10",
            big: "0x10",
            sci: "1e3",
            time: "10:20",
            nul: "",
            q: 'a "b"',
            oct: "010",
          },
        },
      },
    });
  });

  it("null as not given", () => {
    expect(argsOf("cluster_name: ~\nnodes:\nservices: {etcd: null}")).toEqual({ services: {} });
  });

  it("an empty choice as not given", () => {
    expect(argsOf("network: {plugin: ''}\ningress: {provider: \"\"}")).toEqual({ network: {}, ingress: {} });
  });

  it("an empty text as an empty text", () => {
    expect(argsOf("cluster_name: ''")).toEqual({ clusterName: "" });
  });

  it("numbers and percentages of an update strategy", () => {
    const args = argsOf("network: {update_strategy: {rollingUpdate: {maxUnavailable: 0x10, maxSurge: '25%'}}}");

    expect(args).toEqual({ network: { updateStrategy: { rollingUpdate: { maxUnavailable: 16, maxSurge: "25%" } } } });
  });

  it("the width of an upgrade as the text it is for RKE", () => {
    expect(argsOf("upgrade_strategy: {max_unavailable_worker: 3}")).toEqual({
      upgradeStrategy: { maxUnavailableWorker: "3" },
    });
  });

  it("blocks of Kubernetes as Kubernetes does", () => {
    const args = argsOf(
      "ingress: {extra_envs: [{name: a, y: yes, n: 010, t: 2020-01-01, f: 1.5, z: ~, 1: one, q: 'yes'}]}",
    );

    expect(args).toEqual({
      ingress: {
        extraEnvs: [{ name: "a", true: true, false: 8, t: "2020-01-01", f: 1.5, z: null, "1": "one", q: "yes" }],
      },
    });
  });

  it("anchors and merges, where a key of one's own wins wherever it stands", () => {
    const args = argsOf(
      "x-a: &a {user: a, port: 1}\nx-b: &b {user: b, address: b}\nnodes:\n- {user: own, <<: *a}\n- {<<: [*a, *b]}\n- *b",
    );

    expect(args).toEqual({
      nodes: [
        { user: "own", port: "1" },
        { user: "a", port: "1", address: "b" },
        { user: "b", address: "b" },
      ],
    });
  });

  it("explicit standard tags", () => {
    const args = argsOf(
      "ssh_agent_auth: !!bool 'yes'\ncluster_name: !!str 1\naddon_job_timeout: !!int '5'\nnodes: !!seq []",
    );

    expect(args).toEqual({ sshAgentAuth: true, clusterName: "1", addonJobTimeout: 5, nodes: [] });
  });

  it("files with a byte order mark and with Windows line ends", () => {
    expect(argsOf("\uFEFFcluster_name: a\r\nnodes: []\r\n")).toEqual({ clusterName: "a", nodes: [] });
  });

  it("the first document only, whatever follows", () => {
    const reading = readClusterYml("cluster_name: a\n---\nnodes: [");

    expect(reading.args).toEqual({ clusterName: "a" });
    expect(reading.failures).toEqual([]);
    expect(warningsOf("cluster_name: a\n---\nnodes: [")).toEqual([
      "2 : Another YAML document begins here: only the first is read",
    ]);
  });
});

describe("readClusterYml() refuses", () => {
  it.each([
    ["nodes:\n- role: etcd", '2 nodes[0].role: A list is wanted, a text was found ("etcd"): write [etcd]'],
    ["nodes: {a: b}", '1 nodes: A list is wanted, a map was found: put "- " before each item'],
    ["services: []", "1 services: A map is wanted, a list was found"],
    ["cluster_name: [a]", "1 cluster_name: A text is wanted, a list was found"],
    ["ssh_agent_auth: 'true'", '1 ssh_agent_auth: A boolean is wanted, a text was found ("true"): remove the quotes'],
    ["ssh_agent_auth: 1", "1 ssh_agent_auth: A boolean is wanted, a number was found (1): write true or false"],
    [
      "addon_job_timeout: '5'",
      '1 addon_job_timeout: A whole number is wanted, a text was found ("5"): remove the quotes',
    ],
    ["addon_job_timeout: 1.5", "1 addon_job_timeout: A whole number is wanted, a number was found (1.5)"],
    ["addon_job_timeout: on", "1 addon_job_timeout: A whole number is wanted, a boolean was found (on)"],
    [
      "network: {update_strategy: {rollingUpdate: {maxSurge: []}}}",
      "1 network.update_strategy.rollingUpdate.maxSurge: A number or a percentage is wanted, a list was found",
    ],
    ["ingress: {extra_envs: [a]}", '1 ingress.extra_envs[0]: A map is wanted, a text was found ("a")'],
    ["- a", "1 : A map is wanted, a list was found"],
    ["etcd", '1 : A map is wanted, a text was found ("etcd")'],
  ])("%j", (text, failure) => {
    expect(failuresOf(text)).toEqual([failure]);
  });

  it("a repeated key, with both of its lines", () => {
    expect(failuresOf("nodes: []\ncluster_name: a\nnodes: []")).toEqual([
      '3 nodes: The key "nodes" stands in line 1 and in line 3: keep one of them',
    ]);
  });

  it("all that is wrong at once, and reads the rest", () => {
    const reading = readClusterYml("nodes: 1\ncluster_name: [a]\nssh_agent_auth: on\n");

    expect(reading.failures.map(({ yamlPath }) => yamlPath)).toEqual(["nodes", "cluster_name"]);
    expect(reading.args).toEqual({ nodes: unknownValue, clusterName: unknownValue, sshAgentAuth: true });
  });

  it.each([
    ["a: 1\n\tb: 2", "2 : A tab is used for indentation: use spaces"],
    ["nodes:\n- a: 1\n   b: 2", "3 : The indentation does not fit: line the key up with the keys of the same block"],
    ["nodes: [a, b", "1 : A bracket is opened and not closed: add the missing ] or }"],
    ["nodes: [a b: c d]", undefined],
    ["a: 'x", "1 : A single quote is opened and not closed"],
    ['a: "x', "1 : A double quote is opened and not closed"],
    ['a: "\\q"', "1 : The backslash does not begin an escape that YAML knows: use single quotes"],
    ["a: b: c", '1 : A value cannot contain ": " without quotes'],
    ["a: @b", "1 : A value cannot begin with this character: quote the value"],
    ["- a\nb: c", "2 : The line does not belong to the block above it: check its indentation"],
    ["{a: 1, , b: 2}", "1 : A comma has no item before it: remove it"],
    ["[a: {b: c} d]", "1 : Two items stand side by side in brackets: put a comma between them"],
  ])("%j, in a sentence of one line", (text, start) => {
    const [failure = ""] = failuresOf(text);

    expect(failure).toContain(start ?? "");
    expect(failure).not.toMatch(/\n/);
  });

  it("a syntax error without showing a line that may hold a secret", () => {
    const [failure] = failuresOf('nodes:\n- password: "hunter2');

    expect(failure).toBe("2 : A double quote is opened and not closed");
  });

  it("a value of the wrong kind without showing it when it is a secret", () => {
    const text = "services: {kube-api: {secrets_encryption_config: {custom_config: hunter2}, extra_env: PASS=hunter2}}";

    const failures = failuresOf(text);

    expect(failures).toHaveLength(2);
    expect(failures.join("\n")).not.toContain("hunter2");
  });

  it.each([
    ["nodes: *a", 'The alias "*a" refers to nothing: no value above is named "&a"'],
    ["nodes: &a [*a]", 'The alias "*a" contains itself'],
    ["services: &a {etcd: {<<: *a}}", 'The alias "*a" contains itself'],
    ["services: {<<: 1}", 'A merge ("<<") needs a map, or a list of maps'],
    ["nodes: !!set {a}", 'The tag "!!set" is not supported here: remove it'],
    ["nodes: !!python/object:os.system x", 'The tag "!!python/object:os.system" is not supported here: remove it'],
    ["cluster_name: !!binary aGk=", 'The tag "!!binary" is not supported here: remove it'],
    ["? [a]\n: b", "A key must be a text, a list was found"],
    ["nodes: [{labels: {~: a}}]", "A key must be a text, ~ was found: quote the key"],
    ["nodes: [{labels: {__proto__: a}}]", 'The key "__proto__" cannot be used'],
    ['addons: "a\\0b"', "The text contains the character NUL: remove it"],
    ['addons: "\\ud800"', "The text contains half of a surrogate pair: write the whole character"],
    ["a: \u0000", "The character U+0000 is not allowed in YAML: save the file as UTF-8 text"],
    ["a: \uD800", "The character U+D800 is not allowed in YAML: save the file as UTF-8 text"],
    ["services: {kube-api: {audit_log: {configuration: {policy: {a: 1e999}}}}}", "The number 1e999 is too large"],
  ])("%j", (text, reason) => {
    expect(readClusterYml(text).failures.map((failure) => failure.reason)).toEqual([reason]);
  });
});

describe("readClusterYml() warns of", () => {
  it.each([
    ["services: {kube_api: {}}", '1 services.kube_api: Unknown key "kube_api": did you mean "kube-api"?'],
    [
      "kubernetesVersion: v1.30",
      '1 kubernetesVersion: Unknown key "kubernetesVersion": did you mean "kubernetes_version"?',
    ],
    ["nodes: [{adress: a}]", '1 nodes[0].adress: Unknown key "adress": did you mean "address"?'],
    ["nodes: [{roles: [etcd]}]", '1 nodes[0].roles: Unknown key "roles": did you mean "role"?'],
    [
      "dns: {tolerations: [{tolerationSeconds: 1}]}",
      '1 dns.tolerations[0].tolerationSeconds: Unknown key "tolerationSeconds": did you mean "tolerationseconds"?',
    ],
    [
      "services: {etcd: {backup_config: {s3_backup_config: {}}}}",
      '1 services.etcd.backup_config.s3_backup_config: Unknown key "s3_backup_config": did you mean "s3backupconfig"?',
    ],
    [
      "upgrade_strategy: {drain_input: {}}",
      '1 upgrade_strategy.drain_input: Unknown key "drain_input": did you mean "node_drain_input"?',
    ],
    [
      "cloud_provider: {aws_cloud_provider: {}}",
      '1 cloud_provider.aws_cloud_provider: Unknown key "aws_cloud_provider": did you mean "awsCloudProvider"?',
    ],
    ["frobnicate: 1", '1 frobnicate: Unknown key "frobnicate": it has no effect'],
  ])("an unknown key in %j", (text, warning) => {
    expect(warningsOf(text)).toEqual([warning]);
  });

  it("unknown keys as such, so that a strict reading can refuse them", () => {
    const { warnings } = readClusterYml("kubernetes_version: v1.30\nfoo: 1\n---\n");

    expect(warnings.map(({ kind }) => kind)).toEqual(["unknown-key", undefined]);
  });

  it("no key that begins with x-, where anchors are kept", () => {
    expect(warningsOf("x-anything: &a {b: c}")).toEqual([]);
  });

  it("an unknown key in an anchor once, however often it is used", () => {
    expect(warningsOf("x-a: &a {foo: 1}\nnodes: [{<<: *a}, {<<: *a}]")).toHaveLength(1);
  });

  it("a missing Kubernetes version", () => {
    const { warnings } = readClusterYml("nodes: []");

    expect(warnings).toEqual([
      expect.objectContaining({ path: ["kubernetesVersion"], yamlPath: "kubernetes_version" }),
    ]);
  });
});

describe("where()", () => {
  const { where } = readClusterYml("services:\n  kube-api:\n    extra_args: {v: 1}\nnodes:\n- address: a\n");

  it.each([
    [["services", "kubeApi", "extraArgs", "v"], { line: 3, column: 18 }],
    [["nodes", 0], { line: 5, column: 3 }],
    [["nodes", 0, "user"], { line: 5, column: 3 }],
    [["services", "kubeApi", "auditLog", "enabled"], { line: 2, column: 3 }],
    [["network", "plugin"], undefined],
    [[], undefined],
  ])("finds %j, or the block it belongs to", (path, position) => {
    expect(where(path)).toEqual(position);
  });
});

describe("locate()", () => {
  it("puts a finding into the words of the file", () => {
    const { locate } = readClusterYml("services:\n  kube-api: {}\n");
    const reason = 'Set extraArgs of services.kubeApi, sshKeyPath or "sshKeyPath"';

    const located = locate({ path: ["services", "kubeApi", "extraArgs", "a.b"], reason });

    expect(located).toEqual({
      path: ["services", "kubeApi", "extraArgs", "a.b"],
      yamlPath: 'services.kube-api.extra_args["a.b"]',
      line: 2,
      column: 3,
      reason: 'Set extra_args of services.kube-api, ssh_key_path or "sshKeyPath"',
    });
  });

  it("never quotes a line that may hold a password in a syntax error", () => {
    const { failures } = readClusterYml(
      "cloud_provider:\n  name: x\n  customCloudProvider: |\n    a\n\tpassword=hunter2\n",
    );

    expect(failures.length).toBeGreaterThan(0);
    expect(JSON.stringify(failures)).not.toContain("hunter2");
  });
});
