import { cluster } from "../../provider/config/schema/cluster.ts";
import { checkNames } from "../../provider/preflight/preflight.ts";
import { effectOf } from "./effects.ts";
import { type Block, block, blocksOf, type Setting } from "./settings.ts";
import { type DocumentedType, readSources } from "./sources.ts";

/** The reference of all resources and all settings, from what stands in the sources. */
export function referenceText(): string {
  const sources = readSources();
  const type = (file: string, name: string) => sources.type(`${file}.ts`, name);
  const [settings, ...blocks] = blocksOf(cluster, type("provider/config/schema/cluster", "ClusterArgs"));
  if (settings === undefined) throw new Error("A cluster has no settings");
  const isSetting = new Set(settings.settings.map(({ name }) => name));
  const resource = (name: string, file: string) => ({
    name,
    outputs: type(file, name),
    args: type(file, `${name}Args`),
  });
  return [
    head,
    resourceText(resource("RkeIdentity", "sdk/rke-identity")),
    resourceText(resource("RkeNode", "sdk/rke-node")),
    resourceText(resource("RkeCluster", "sdk/rke-cluster"), {
      isLeftOut: (name) => isSetting.has(name) && name !== "nodes" && name !== "restore",
    }),
    resourceText(resource("EtcdBackup", "sdk/etcd-backup")),
    smallTypes,
    typeText("BackupStorageArgs", type("sdk/etcd-backup", "BackupStorageArgs")),
    typeText("S3StorageArgs", type("sdk/etcd-backup", "S3StorageArgs")),
    backupLocation,
    typeText(
      "ConnectionArgs",
      type("sdk/connection-args", "ConnectionArgs"),
      "How a machine is reached. `ProxyArgs` are the same for the machine in between.",
    ),
    typeText("TaintArgs", type("sdk/rke-node", "TaintArgs")),
    typeText("CustomCa", type("sdk/rke-identity", "CustomCa")),
    typeText("RestoreArgs", type("sdk/restore-args", "RestoreArgs")),
    typeText("RestoredSnapshot", type("sdk/restore-args", "RestoredSnapshot")),
    typeText("RestoreStorageArgs", type("sdk/restore-args", "RestoreStorageArgs")),
    typeText("Restored", type("provider/state/cluster-state", "Restored")),
    typeText("Planes", type("provider/state/cluster-state", "Planes")),
    typeText("NodeStatus", type("provider/state/cluster-state", "NodeStatus")),
    typeText("NodeFactsOutput", type("provider/state/node-state", "NodeFactsOutput")),
    nodeWords,
    ...[settings, ...blocks].map(blockText),
  ].join("\n");
}

const head = `<!-- Written by "npm run docs" from the comments in sdk/ and provider/config/schema/. Not edited by hand. -->

# Reference

Every argument and every output of the four resources. A star (★) marks secrets: they are encrypted in Pulumi's state and never
printed. Every argument takes values and outputs of other resources alike.
`;

const nodeWords = `## The settings of a cluster

They are the keys of cluster.yml under camelCase names, and \`clusterYml(text)\` turns the one into the other. The second column
is the key in cluster.yml.

"A change" was found by planning a cluster of Kubernetes v1.31.4 with canal, without and with the setting: the containers that
are replaced (one node after the other, as \`upgradeStrategy\` has it), or the files that are written. "refused" means that the
preview refuses it, since the cluster would have to be made anew. Nothing stands where no container and no file of that
cluster changes; what goes into addons is among it.
`;

const smallTypes = `## Small types

What arguments and outputs are made of. A node without a resource of its own (\`InlineNode\`) takes the arguments of \`RkeNode\` but
\`waitFor\` and \`onDelete\`, or the words of [nodes[]](#nodes), and a \`name\` by which previews call it.
`;

/** A union, which the compiler does not list by its parts. */
const backupLocation = `### BackupLocation

A copy of a snapshot, by its \`kind\`: \`node\` (with \`node\`, \`address\` and \`path\`), \`s3\` (with \`bucket\`, \`key\` and, where it is not AWS,
\`endpoint\`), \`folder\` (with \`path\`). All have \`sizeBytes\`.
`;

/** What Pulumi does with a resource whose arguments change; it stands in the handlers. */
const changes: Readonly<Record<string, string>> = {
  RkeIdentity:
    "A change of `clusterName` or `server` writes the kubeconfig anew. No change makes another CA: a `customCa` that differs is " +
    "refused. A certificate that ends within thirty days is issued again by the next `pulumi up`, unless its CA ends as early.",
  RkeNode:
    "Another `address` (another `host`, where no `address` is given) is another machine: Pulumi replaces the resource. All else " +
    "changes in place, and what it means for the cluster is decided by the cluster.",
  RkeCluster:
    "No change replaces the cluster. What cannot change while it lives is refused in the preview.\n\n" +
    `The checks that \`waive\` knows: ${checkNames.map((name) => `\`${name}\``).join(", ")}.`,
  EtcdBackup:
    "Other `triggers`, another `snapshotName` or `state`, or another cluster take another snapshot: Pulumi replaces the resource, the new " +
    "snapshot first. Another `storage` copies the snapshot to where it is not yet, from where it is; what is in places that are not " +
    "wanted any more goes as `retain` says. Credentials, `retain` and `passphrase` are taken note of, and nothing is touched.",
};

interface ResourceText {
  readonly name: string;
  readonly args: DocumentedType;
  readonly outputs: DocumentedType;
}

function resourceText(
  { name, args, outputs }: ResourceText,
  { isLeftOut = () => false }: { isLeftOut?: (argument: string) => boolean } = {},
): string {
  const all = args.names.filter((one) => !isLeftOut(one));
  const isAll = all.length === args.names.length;
  const shown = outputs.names.filter((one) => outputs.written(one).startsWith("pulumi.Output"));
  const methods = outputs.names.filter((one) => outputs.isMethod(one));
  return [
    `## ${name}\n`,
    `${changes[name]}\n`,
    isAll ? "### Arguments\n" : "### Arguments beside the settings of a cluster\n",
    argumentTable(args, all),
    "### Outputs\n",
    table(
      ["Output", "Type", ""],
      shown.map((one) => outputRow(outputs, { name: one, isGiven: args.names.includes(one) })),
    ),
    ...methods.map((one) => `\`${one}()\`: ${outputs.about(one)}\n`),
  ].join("\n");
}

function typeText(name: string, type: DocumentedType, about = ""): string {
  return [`### ${name}\n`, ...(about === "" ? [] : [`${about}\n`]), argumentTable(type, type.names)].join("\n");
}

function argumentTable(type: DocumentedType, names: readonly string[]): string {
  const [wanted, optional] = [
    names.filter((one) => !type.isOptional(one)),
    names.filter((one) => type.isOptional(one)),
  ];
  return table(
    ["", "Type", "Default", ""],
    [...wanted, ...optional].map((one) => argumentRow(type, { name: one, isOptional: optional.includes(one) })),
  );
}

function argumentRow(
  type: DocumentedType,
  { name, isOptional }: { name: string; isOptional: boolean },
): readonly string[] {
  const { text, fallback } = split(type.about(name));
  return [
    named(name, secretArguments.has(name) || type.written(name).includes("CustomCa")),
    typeWords(type.written(name)),
    isOptional ? fallback : "required",
    text,
  ];
}

function outputRow(type: DocumentedType, { name, isGiven }: { name: string; isGiven: boolean }): readonly string[] {
  const about = type.about(name);
  const text = about.replace(/ ?A secret\.$/, "");
  return [named(name, text !== about), typeWords(type.written(name)), text === "" && isGiven ? "As given." : text];
}

/** The arguments that the classes hide. */
const secretArguments = new Set([
  "privateKey",
  "privateKeyPassword",
  "proxy",
  "secretKey",
  "sessionToken",
  "passphrase",
]);

const named = (name: string, isSecret: boolean): string => `\`${name}\`${isSecret ? " ★" : ""}`;

/** What a person may write, without what Pulumi adds to it. */
function typeWords(written: string): string {
  const bare = without(["pulumi.Input", "pulumi.Output", "Readonly", "Inputs"], written)
    .replaceAll(/ \| undefined|readonly /g, "")
    .replaceAll("string", "text");
  return bare === "" ? "" : `\`${bare.replaceAll("|", "\\|")}\``;
}

/** `Input<Input<string>[]>` as `string[]`. */
function without(wrappers: readonly string[], text: string): string {
  const wrapper = wrappers.find((one) => text.includes(`${one}<`));
  if (wrapper === undefined) return text;
  const start = text.indexOf(`${wrapper}<`);
  const inside = start + wrapper.length + 1;
  let end = inside;
  for (let depth = 1; depth > 0; end++) {
    if (text[end] === "<") depth++;
    if (text[end] === ">") depth--;
  }
  const inner = text.slice(inside, end - 1);
  const isUnionInList = inner.includes(" | ") && text.startsWith("[]", end);
  return without(wrappers, `${text.slice(0, start)}${isUnionInList ? `(${inner})` : inner}${text.slice(end)}`);
}

function blockText({ title, settings }: Block): string {
  const rows = settings.map((setting) => {
    const { text, fallback } = split(setting.about);
    return [
      named(setting.name, setting.isSecret),
      `\`${setting.yaml}\``,
      settingType(setting),
      fallback,
      text,
      effectText(setting),
    ];
  });
  const heading = title === "" ? "### At the top" : `### ${title}`;
  return [`${heading}\n`, table(["Setting", "cluster.yml", "Type", "Default", "", "A change"], rows)].join("\n");
}

function settingType({ type }: Setting): string {
  if (type.block === undefined) return type.words;
  const anchor = type.block.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return type.words.replace(block, `[${type.block}](#${anchor})`);
}

function effectText(setting: Setting): string {
  const place = setting.path.join(".");
  const told = Object.entries(toldByHand).find(([start]) => place.startsWith(start));
  if (told !== undefined) return told[1];
  const effect = effectOf(setting);
  switch (effect.kind) {
    case "refused":
      return "refused";
    case "changes": {
      const { containers, files, addons } = effect;
      const onNodes = containers.length > 0 ? replaced(containers) : written(files);
      return [...onNodes, ...(addons.length > 0 ? [`deploys ${addons.join(", ")}`] : [])].join("; ");
    }
    case "unseen":
      return "";
    default:
      return effect satisfies never;
  }
}

const replaced = (containers: readonly string[]) => [`replaces ${containers.join(", ")}`];

const written = (files: readonly string[]) =>
  files.length > 0 ? [`writes ${files.map((file) => `\`${file}\``).join(", ")}`] : [];

/** What a plan does not show, since it is a certificate, or decided in a run. */
const toldByHand: Readonly<Record<string, string>> = {
  "authentication.sans": "issues the certificate of the API servers again, and restarts kube-apiserver",
  upgradeStrategy: "counts from the next change on",
};

/** A description, and the default that its comment names. */
function split(about: string): { readonly text: string; readonly fallback: string } {
  const [whole, fallback] = /(?:^| )Default: ((?:[^.]|\.(?! |$))*)\./.exec(about) ?? [];
  if (whole === undefined || fallback === undefined) return { text: about, fallback: "" };
  return { text: about.replace(whole, "").trim(), fallback: asCode(fallback) };
}

/** Values in code; sentences as they are. */
const asCode = (text: string): string => (/^[\w.:/~%-]+$/.test(text) ? `\`${text}\`` : text);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const filled = head.map((_, column) => rows.some((row) => row[column] !== ""));
  const line = (cells: readonly string[]) => `| ${cells.filter((_, column) => filled[column]).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}
