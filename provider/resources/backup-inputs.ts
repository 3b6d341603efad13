import { z } from "zod";

import { dotted, valueAt } from "../config/paths.ts";
import { bucket } from "../config/schema/bucket.ts";
import { secret } from "../config/schema/naming.ts";
import { schemaFindings } from "../config/schema-findings.ts";
import { hasUnknown, unknownValue } from "../config/unknowns.ts";
import { RkeError } from "../errors.ts";
import { refuseName } from "../snapshots/names.ts";
import { caOf, s3Target } from "../snapshots/s3-settings.ts";
import { withSecrets } from "./cluster-inputs.ts";
import { durationMs } from "./duration.ts";
import type { CheckFailure, Properties } from "./handler.ts";
import { isSame, mapAt, textAt } from "./properties.ts";

const text = () => z.string().optional();

const backupArguments = z.strictObject({
  storage: z.strictObject({ nodes: z.boolean().optional(), s3: bucket.optional(), folder: text() }),
  snapshotName: text(),
  triggers: z.array(z.unknown()).optional(),
  retain: z.enum(["delete", "keep"]).optional(),
  state: z.enum(["encrypted", "plain", "none"]),
  passphrase: secret(text()),
  timeouts: z.strictObject({ create: text(), update: text(), delete: text() }).optional(),
});

/** What a person wants of a backup. Secrets are in clear. */
export type BackupArguments = z.output<typeof backupArguments>;

export type S3Arguments = z.output<typeof bucket>;

const names = ["storage", "snapshotName", "triggers", "retain", "state", "timeouts"];

/** What the state has beside the inputs. */
export const backupOutputs: readonly string[] = [
  "name",
  "locations",
  "expected",
  "sizeBytes",
  "sha256",
  "revision",
  "totalKeys",
  "etcdVersion",
  "takenAt",
  "kubernetesVersion",
];

/** What was registered, put together again. */
function asWritten(inputs: Properties): Properties {
  const given = Object.fromEntries(names.flatMap((name) => (name in inputs ? [[name, inputs[name]]] : [])));
  return withSecrets(structuredClone(given), mapAt(inputs, "secrets"));
}

/** The arguments of inputs that have passed `check`. */
export function backupArgs(inputs: Properties): BackupArguments {
  const parsed = backupArguments.safeParse(asWritten(inputs));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path }) => z.core.toDotPath(path));
  throw new RkeError("state", {
    doing: "use the arguments of the backup",
    because: `they do not have the expected form at ${places.join(", ")}`,
    hint: "Run pulumi up with the backup in the program: its arguments are written anew",
  });
}

/** Everything that is wrong with the arguments, as far as they are known. */
export function backupFailures(olds: Properties, inputs: Properties): CheckFailure[] {
  const written = asWritten(inputs);
  const parsed = backupArguments.safeParse(written);
  const issues = parsed.success ? [] : parsed.error.issues;
  const shape = issues
    .flatMap((issue) => schemaFindings(issue, backupArguments, written))
    .filter(({ path }) => !path.some((_, length) => valueAt(written, path.slice(0, length + 1)) === unknownValue))
    .map(({ path, reason }) => ({ property: dotted(path), reason }));
  if (shape.length > 0) return shape;
  return [
    ...storageFailures(mapAt(inputs, "storage"), inputs),
    ...nameFailures(olds, inputs),
    ...stateFailures(inputs),
    ...accessFailures(inputs),
    ...Object.entries(mapAt(inputs, "timeouts"))
      .filter(([, value]) => value !== unknownValue && durationMs(String(value)) === undefined)
      .map(([verb, value]) => ({
        property: `timeouts.${verb}`,
        reason: `"${String(value)}" is not a length of time: write 90s, 10m or 1h30m`,
      })),
  ];
}

function storageFailures(storage: Properties, { storage: whole, secrets }: Properties): CheckFailure[] {
  if (whole === unknownValue) return [];
  const { nodes, folder } = storage;
  // One that comes from elsewhere as a whole lies among the secrets.
  const isHidden =
    secrets === unknownValue || Object.keys(mapAt({ secrets }, "secrets")).some((at) => /^storage(\.s3)?$/.test(at));
  const isAnywhere = nodes === unknownValue || nodes === true || storage.s3 !== undefined || folder !== undefined;
  if (!isAnywhere && !isHidden) {
    return [{ property: "storage", reason: "A place is wanted: s3, folder or nodes, or several of them" }];
  }
  if (folder === "")
    return [{ property: "storage.folder", reason: 'A path is wanted; "." is the folder of the project' }];
  const s3 = mapAt(withSecrets({ storage }, mapAt({ secrets }, "secrets")).storage as Properties, "s3");
  return [
    ...(isHidden || hasUnknown([s3.accessKey, s3.secretKey]) ? [] : keyFailures(s3)),
    ...refusals("storage.s3.endpoint", hasUnknown(s3.endpoint) ? undefined : textAt(s3, "endpoint"), (endpoint) =>
      s3Target({ endpoint }),
    ),
    ...refusals("storage.s3.customCa", hasUnknown(s3.customCa) ? undefined : textAt(s3, "customCa"), caOf),
  ];
}

function keyFailures({ accessKey, secretKey }: Properties): CheckFailure[] {
  if ((accessKey === undefined) === (secretKey === undefined)) return [];
  const [missing, other] = accessKey === undefined ? ["accessKey", "secretKey"] : ["secretKey", "accessKey"];
  return [{ property: `storage.s3.${missing}`, reason: `It is wanted together with ${other}` }];
}

/** What a reader of ours has against a value. */
function refusals(property: string, value: string | undefined, read: (value: string) => unknown): CheckFailure[] {
  if (value === undefined) return [];
  try {
    read(value);
    return [];
  } catch (error) {
    if (!(error instanceof RkeError)) throw error;
    const { because, hint } = error.detail;
    return [{ property, reason: hint === undefined ? because : `${because}. ${hint}` }];
  }
}

/** A snapshot has its name for good, so that another one needs another name. */
function nameFailures(olds: Properties, inputs: Properties): CheckFailure[] {
  const { snapshotName: name } = inputs;
  if (typeof name !== "string" || name === unknownValue) return [];
  if (name.endsWith(".zip"))
    return [{ property: "snapshotName", reason: "A name without .zip is wanted: the file gets that" }];
  const odd = refusals("snapshotName", name, (value) => refuseName("take a snapshot", value));
  if (odd.length > 0) return odd;
  const isAnother = reasonsToTakeAnew(olds, inputs).some((reason) => reason !== "snapshotName");
  if (Object.keys(olds).length === 0 || !isAnother || !isSame(olds.snapshotName, name)) return [];
  const reason = `Another snapshot is to be taken, and "${name}" is the name of the last one. Change it as well, or leave it out`;
  return [{ property: "snapshotName", reason }];
}

/** Inputs that have changed so that the snapshot is not the one that is wanted any more. */
export function reasonsToTakeAnew(olds: Properties, news: Properties): readonly string[] {
  const decisive = ["triggers", "snapshotName", "clusterId", "state"];
  // What is not known yet is about to change, but for the id of a cluster: that is known as long as the cluster is there.
  return decisive.filter((name) => name in olds || name in news).filter((name) => !isSame(olds[name], news[name]));
}

function stateFailures({ state, secrets, rkeState }: Properties): CheckFailure[] {
  if (secrets === unknownValue || state === unknownValue) return [];
  const { passphrase } = mapAt({ secrets }, "secrets");
  if (state === "encrypted" && (passphrase === undefined || passphrase === "")) {
    const reason =
      'It is wanted to encrypt what opens the cluster; or set state to "none", or to "plain" for rke to read it';
    return [{ property: "passphrase", reason }];
  }
  if (state !== "encrypted" && passphrase !== undefined) {
    return [{ property: "passphrase", reason: `Nothing is encrypted with it: state is "${String(state)}"` }];
  }
  if (state !== "none" && rkeState === undefined) return [{ property: "cluster", reason: otherStack }];
  return [];
}

/** What the class makes of a cluster of which only its own stack knows enough. */
const accessFailures = ({ access }: Properties): CheckFailure[] =>
  typeof access === "string" && access !== "" ? [] : [{ property: "cluster", reason: otherStack }];

const otherStack =
  "The way to its etcd is not known. Put the backup into the stack that makes the cluster: RkeCluster.get does not know its keys";
