import type { ClusterConfig } from "../../config/cluster-config.ts";
import { filesOf } from "../../pki/files.ts";
import { KUBE_CA, KUBE_NODE } from "../../pki/names.ts";
import type { ContainerSpec, PlannedContainer } from "../container-spec.ts";
import { type NodeContext, planContainer } from "../node-context.ts";
import { scheduleEnv, scheduleScript } from "./snapshot-schedule.ts";

/** Takes snapshots of etcd again and again, on every etcd node, into a directory of the machine and to S3. */
export function etcdRollingSnapshots(context: NodeContext): PlannedContainer {
  const { cluster, path } = context;
  const { schedule } = cluster.config.services.etcd.backupConfig ?? {};
  return planContainer(context, {
    name: "etcd-rolling-snapshots",
    image: cluster.backupImage,
    ...(schedule ? bySchedule(context, schedule) : byInterval(context)),
    binds: ["/opt/rke/etcd-snapshots/:/backup:z", `${path("/etc/kubernetes")}:/etc/kubernetes:z`],
    networkMode: "host",
    restartPolicy: "always",
    isLabelled: false,
  });
}

type Program = Pick<ContainerSpec, "entrypoint" | "cmd"> & { readonly env: readonly string[] };

/** As RKE has it: its tool counts the time itself, from its start. */
const byInterval = (context: NodeContext): Program => ({
  cmd: [
    tool,
    "etcd-backup",
    "save",
    ...certificateFlags,
    "--name",
    "etcd-rolling-snapshots",
    endpointFlag(context),
    ...intervalFlags(context),
    ...s3Flags(context),
  ],
  env: [...extraEnv(context), ...s3Env(context)],
});

/** The same tool, called for one snapshot at a time. */
const bySchedule = (context: NodeContext, schedule: string): Program => ({
  entrypoint: ["sh", "-c", scheduleScript, "etcd-rolling-snapshots"],
  cmd: [tool, ...certificateFlags, endpointFlag(context), ...s3Flags(context)],
  env: [...extraEnv(context), ...scheduleEnv(context, schedule), ...s3Env(context)],
});

const tool = "/opt/rke-tools/rke-etcd-backup";

const certificateFlags: readonly string[] = [
  "--cacert",
  filesOf(KUBE_CA).path,
  "--cert",
  filesOf(KUBE_NODE).path,
  "--key",
  filesOf(KUBE_NODE).keyPath,
];

const endpointFlag = ({ node }: NodeContext): string => `--endpoints=${node.internalAddress}:2379`;

const extraEnv = ({ cluster: { config } }: NodeContext): readonly string[] => config.services.etcd.extraEnv ?? [];

/** Whether recurring snapshots are wanted. Unlike RKE, which then starts a container that fails, `enabled: false` counts. */
export const takesSnapshots = (config: ClusterConfig): boolean =>
  config.services.etcd.snapshot && config.services.etcd.backupConfig?.enabled !== false;

function intervalFlags({ cluster: { config } }: NodeContext): readonly string[] {
  const { backupConfig, retention, creation } = config.services.etcd;
  if (backupConfig === undefined) return [`--retention=${retention ?? ""}`, `--creation=${creation ?? ""}`];
  const interval = backupConfig.intervalHours ?? 0;
  return [`--creation=${interval}h`, `--retention=${(backupConfig.retention ?? 0) * interval}h`];
}

function s3Flags({ cluster: { config } }: NodeContext): readonly string[] {
  const s3 = config.services.etcd.backupConfig?.s3BackupConfig;
  if (s3 === undefined) return [];
  return [
    "--s3-backup=true",
    `--s3-endpoint=${s3.endpoint ?? ""}`,
    `--s3-bucketName=${s3.bucketName ?? ""}`,
    `--s3-region=${s3.region ?? ""}`,
    ...(s3.customCa ? [`--s3-endpoint-ca=${base64(s3.customCa)}`] : []),
    ...(s3.folder ? [`--s3-folder=${s3.folder}`] : []),
  ];
}

function s3Env({ cluster: { config } }: NodeContext): readonly string[] {
  const { accessKey, secretKey } = config.services.etcd.backupConfig?.s3BackupConfig ?? {};
  if (!accessKey && !secretKey) return [];
  return [`S3_ACCESS_KEY=${base64(accessKey ?? "")}`, `S3_SECRET_KEY=${base64(secretKey ?? "")}`];
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
