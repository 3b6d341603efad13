import { contentDigest } from "../desired/content-digest.ts";
import type { NodePlan } from "../desired/node-plan.ts";
import { deployedFiles } from "../pki/deployed-files.ts";
import { isEtcdMember, KUBE_CA } from "../pki/names.ts";
import { Secret } from "../secrets.ts";
import type { World } from "./runbook.ts";
import { reached } from "./world.ts";

/** A file that has to be written on a node. */
export interface DueFile {
  readonly path: string;
  readonly content: Secret<string>;
  /** Whether there was none before; then nothing runs that has read it. */
  readonly isNew: boolean;
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
}

/** The files that are missing on a node, or are not as they should be. */
export function deployedOn(world: World, plan: NodePlan): readonly DueFile[] {
  const seen = new Map(reached(world, plan.node.address)?.files.map((file) => [file.path, file.sha256]));
  return wantedFiles(world, plan).flatMap((file) => {
    const before = seen.get(file.path);
    return before === contentDigest(file.content.unwrap()) ? [] : [{ ...file, isNew: before === undefined }];
  });
}

function wantedFiles(world: World, plan: NodePlan): readonly Omit<DueFile, "isNew">[] {
  const { node, files } = plan;
  const certificates = deployedFiles({ host: node, roles: node.role }, world.certificates).map(({ path, content }) => ({
    path,
    content,
    ...ownerOf(world, plan, path),
  }));
  return [...certificates, ...files.map(({ path, content }) => ({ path, content: new Secret(content) }))];
}

/** An etcd that runs as a user of its own must be able to read its certificates and the CA's. */
function ownerOf({ desired }: World, { node }: NodePlan, path: string): { uid?: number; gid?: number; mode?: number } {
  const { uid, gid } = desired.config.services.etcd;
  if (!uid || !gid || !node.role.includes("etcd")) return {};
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/(-key)?\.pem$/, "");
  if (isEtcdMember(name)) return { uid, gid };
  return path.endsWith(`/${KUBE_CA}.pem`) ? { mode: 0o644 } : {};
}
