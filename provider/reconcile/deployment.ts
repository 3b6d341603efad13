import { contentDigest } from "../desired/content-digest.ts";
import type { NodePlan } from "../desired/node-plan.ts";
import type { FileFact } from "../observed/facts.ts";
import { deployedFiles } from "../pki/deployed-files.ts";
import { certificateAt } from "../pki/files.ts";
import { isEtcdMember, KUBE_CA } from "../pki/names.ts";
import { Secret } from "../secrets.ts";
import type { World } from "./runbook.ts";
import { reached } from "./world.ts";

/** A file as it should be on a node. */
export interface WantedFile {
  readonly path: string;
  readonly content: Secret<string>;
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
}

/** A file that has to be written on a node. */
export interface DueFile extends WantedFile {
  /** There was none, so that nothing runs that has read it; or what it says changes; or only who may read it. */
  readonly change: "new" | "content" | "access";
}

/** The files that are missing on a node, or are not as they should be. */
export function deployedOn(world: World, plan: NodePlan): readonly DueFile[] {
  const known = findingsIn(world);
  const found = known.due.get(plan) ?? dueOn(world, plan, digestOnce(known.digests));
  known.due.set(plan, found);
  return found;
}

/** Each container of a node asks for its files, and most files are the same on all nodes. */
interface Findings {
  readonly due: Map<NodePlan, readonly DueFile[]>;
  /** By the texts. */
  readonly digests: Map<string, string>;
}

/** A world is what was seen at one time and never changes, so what follows from it is found out once. */
const findings = new WeakMap<World, Findings>();

function findingsIn(world: World): Findings {
  const known = findings.get(world) ?? { due: new Map(), digests: new Map() };
  findings.set(world, known);
  return known;
}

const digestOnce =
  (digests: Findings["digests"]) =>
  (text: string): string => {
    const digest = digests.get(text) ?? contentDigest(text);
    digests.set(text, digest);
    return digest;
  };

type Digest = (text: string) => string;

function dueOn(world: World, plan: NodePlan, digest: Digest): readonly DueFile[] {
  const seen = new Map(reached(world, plan.node.address)?.files.map((file) => [file.path, file]));
  return wantedFiles(world, plan).flatMap((file) => {
    const change = changeOf(file, seen.get(file.path), digest);
    return change === undefined ? [] : [{ ...file, change }];
  });
}

function changeOf(
  { content, uid, gid, mode }: WantedFile,
  seen: FileFact | undefined,
  digest: Digest,
): DueFile["change"] | undefined {
  if (seen === undefined) return "new";
  if (seen.sha256 !== digest(content.unwrap())) return "content";
  const { owner = { uid: 0, gid: 0 } } = seen;
  const isAsWanted = (uid ?? owner.uid) === owner.uid && (gid ?? owner.gid) === owner.gid;
  return isAsWanted && (mode ?? seen.mode) === seen.mode ? undefined : "access";
}

/** The certificates, keys and configuration files of a node. */
export function wantedFiles(world: Pick<World, "desired" | "certificates">, plan: NodePlan): readonly WantedFile[] {
  const { node, files } = plan;
  const certificates = deployedFiles({ host: node, roles: node.role }, world.certificates).map(({ path, content }) => ({
    path,
    content,
    ...accessTo(world, plan, path),
  }));
  return [...certificates, ...files.map(({ path, content }) => ({ path, content: new Secret(content) }))];
}

/**
 * An etcd that runs as a user of its own must be able to read its certificates and the CA's. One that runs as root again
 * gets its own back.
 */
function accessTo(
  { desired }: Pick<World, "desired">,
  { node }: NodePlan,
  path: string,
): Pick<WantedFile, "uid" | "gid" | "mode"> {
  if (!node.role.includes("etcd")) return {};
  const { uid, gid } = desired.config.services.etcd;
  const user = uid && gid ? { uid, gid } : undefined;
  if (isEtcdMember(certificateAt(path) ?? "")) return user ?? { uid: 0, gid: 0 };
  return user !== undefined && path.endsWith(`/${KUBE_CA}.pem`) ? { mode: 0o644 } : {};
}
