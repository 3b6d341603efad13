import { readCron } from "../cron.ts";
import type { Path } from "../finding.ts";
import { isDuration } from "../kubernetes-syntax.ts";
import { pemCertificate, pemPrivateKey } from "../pem.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

const at = (...keys: readonly string[]): Path => ["services", "etcd", ...keys];

/** etcd: one of one's own or the cluster's, its owner, and its snapshots. */
export function* etcdRules(draft: Draft): Generator<Verdict> {
  yield* externalRules(draft);
  const { etcd } = draft.config.services;
  if (Boolean(etcd.uid) !== Boolean(etcd.gid)) {
    const [present, absent] = etcd.uid ? (["uid", "gid"] as const) : (["gid", "uid"] as const);
    yield warning(at(present), `${present} has no effect without ${absent}: give both`, [at(absent)]);
  }
  yield* snapshotRules(draft);
  yield* scheduleRules(draft);
  yield* s3Rules(draft);
}

function* externalRules({ config }: Draft): Generator<Verdict> {
  const { etcd } = config.services;
  const { externalUrls = [], caCert = "", cert = "", key = "", path = "" } = etcd;
  const basis = [at("externalUrls")];
  if (externalUrls.length === 0) {
    for (const name of ["caCert", "cert", "key", "path"] as const) {
      if (etcd[name]) yield warning(at(name), `${name} has no effect without externalUrls`, basis);
    }
    return;
  }
  for (const [index, url] of externalUrls.entries()) {
    if (/^https?:\/\/(\[[\da-f:]+\]|[^\s/:@]+)(:\d{1,5})?\/?$/i.test(url)) continue;
    yield failure([...at("externalUrls"), index], `${quoted(url)} is not the URL of an etcd: write https://host:2379`);
  }
  const missing = (name: string, what: string) =>
    failure(at(name), `An external etcd needs ${what}: it is missing`, basis);
  if (caCert === "") yield missing("caCert", "a CA certificate");
  if (cert === "") yield missing("cert", "a client certificate");
  if (key === "") yield missing("key", "the private key of the client certificate");
  if (path === "") yield missing("path", "a prefix for its keys, such as /rke");

  const certificate = pemCertificate(cert);
  const privateKey = pemPrivateKey(key);
  if (caCert !== "" && pemCertificate(caCert) === undefined) yield failure(at("caCert"), notACertificate);
  if (cert !== "" && certificate === undefined) yield failure(at("cert"), notACertificate);
  if (key !== "" && privateKey === undefined) {
    yield failure(at("key"), "The text is not a private key: PEM without a password is wanted");
  }
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey)) {
    yield failure(at("key"), "The key does not belong to the client certificate", [at("cert")]);
  }
}

function* snapshotRules({ given, config }: Draft): Generator<Verdict> {
  const { backupConfig } = config.services.etcd;
  for (const name of ["retention", "creation"] as const) {
    const value = given.services?.etcd?.[name];
    if (value === undefined || value === "") continue;
    if (!isDuration(value)) yield failure(at(name), `${quoted(value)} is not a duration: write 72h, or 30m`);
    else if (backupConfig !== undefined) {
      yield warning(at(name), `${name} has no effect beside backupConfig`, [at("backupConfig")]);
    }
  }
  if (backupConfig?.enabled === false && config.services.etcd.snapshot) {
    const reason = "RKE takes snapshots nevertheless: snapshot of services.etcd is what turns them off";
    yield warning(at("backupConfig", "enabled"), reason, [at("snapshot")]);
  }
}

function* scheduleRules({ given, config }: Draft): Generator<Verdict> {
  const { schedule, s3BackupConfig } = config.services.etcd.backupConfig ?? {};
  if (!schedule) return;
  const path = at("backupConfig", "schedule");
  const reading = readCron(schedule);
  if (!reading.ok) yield failure(path, `${quoted(schedule)} ${reading.reason}`);
  if (!config.services.etcd.snapshot) {
    yield warning(path, "schedule has no effect: snapshot of services.etcd is off", [at("snapshot")]);
  }
  if (given.services?.etcd?.backupConfig?.intervalHours) {
    const reason = "intervalHours has no effect beside schedule; rke, which does not know it, goes by intervalHours";
    yield warning(at("backupConfig", "intervalHours"), reason, [path]);
  }
  if (s3BackupConfig !== undefined && !s3BackupConfig.folder) {
    const reason =
      "Archives are called by the time alone: where another cluster with the same schedule uses the bucket, " +
      "give each a folder of its own";
    yield warning(at("backupConfig", "s3BackupConfig", "folder"), reason, [path]);
  }
}

function* s3Rules({ config }: Draft): Generator<Verdict> {
  const s3 = config.services.etcd.backupConfig?.s3BackupConfig;
  if (s3 === undefined) return;
  const here = (name: string) => at("backupConfig", "s3BackupConfig", name);
  const { endpoint = "", bucketName = "", customCa = "" } = s3;
  if (endpoint === "")
    yield failure(here("endpoint"), "The endpoint is missing: write s3.amazonaws.com, or a host of your own");
  else if (/^[a-z]+:\/\//i.test(endpoint) || endpoint.includes("/")) {
    yield failure(here("endpoint"), `${quoted(endpoint)} is a URL: give the host only, with a port where needed`);
  }
  if (bucketName === "") yield failure(here("bucketName"), "The bucket is missing: name the one that snapshots go to");
  if (customCa !== "" && pemCertificate(customCa) === undefined) yield failure(here("customCa"), notACertificate);
  if (Boolean(s3.accessKey) !== Boolean(s3.secretKey)) {
    const [present, absent] = s3.accessKey
      ? (["accessKey", "secretKey"] as const)
      : (["secretKey", "accessKey"] as const);
    const reason = `${present} is given without ${absent}: give both, or neither to use the machine's own role`;
    yield warning(here(present), reason, [here(absent)]);
  }
}

const notACertificate = "The text is not a certificate: PEM, beginning with -----BEGIN CERTIFICATE-----, is wanted";
