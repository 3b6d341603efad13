import { RkeError } from "../errors.ts";
import type { Host } from "../hosts/host.ts";
import { listContainers, lookCloser } from "./containers.ts";
import type { NodeFacts, ReachedNode } from "./facts.ts";
import { lookAtFiles } from "./files.ts";
import { lookForImages } from "./images.ts";
import { lookAtLock } from "./lock.ts";
import { machineFacts } from "./machine.ts";
import { probe } from "./probe.ts";

export interface LookAtNodeOptions {
  /** Where RKE's directories are on this machine; those of systems that RKE knows are looked through as well. */
  readonly prefixPath: string;
  /** Images to look for. */
  readonly images: readonly string[];
  readonly clock: () => Date;
  readonly signal?: AbortSignal | undefined;
  readonly limitMs: number;
}

/** Looks at one machine. That it does not answer is a fact and no error; only the signal makes this fail. */
export async function lookAtNode(host: Host, options: LookAtNodeOptions): Promise<NodeFacts> {
  const { signal, limitMs } = options;
  const limit = AbortSignal.timeout(limitMs);
  const limited = { ...options, signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) };
  try {
    await host.open({ signal: limited.signal });
    return await readNode(host, limited).catch(async (error: unknown) => {
      // A connection that broke in the middle is worth one more try; one that never came about had its time.
      if (limited.signal.aborted || !(error instanceof RkeError && error.transient)) throw error;
      return readNode(host, limited);
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) {
      return { status: "unreachable", code: "timeout", because: `it has not said all within ${limitMs / 1000} s` };
    }
    if (error instanceof RkeError) return { status: "unreachable", code: error.code, because: error.detail.because };
    return { status: "unreachable", code: "internal", because: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Everything at once, as far as it does not build on another answer. The list of the containers is asked for first: it
 * gets the channel that is open already, and what is asked because of it goes on at once.
 */
async function readNode(host: Host, { prefixPath, images, clock, signal }: LookAtNodeOptions): Promise<ReachedNode> {
  const docker = host.docker();
  const probing = probe(host, { prefixPath, clock, signal });
  const containers = (async () => {
    const listed = await listContainers(docker, { signal });
    const looking = lookAtFiles(docker, { listed, probing, signal });
    const [seen, { files, restore }, lock] = await Promise.all([
      lookCloser(docker, listed, { files: looking.then((found) => found.files), signal }),
      looking,
      lookAtLock(docker, { listed, signal }),
    ]);
    return { containers: seen, files, ...(lock !== undefined && { lock }), ...(restore !== undefined && { restore }) };
  })();
  const answer = docker.version({ signal }).then(async (version) => {
    const askedAt = clock().getTime();
    const info = await docker.info({ signal });
    return { version, info, infoTimeMs: (askedAt + clock().getTime()) / 2 };
  });
  const [parts, { version, info, infoTimeMs }, there, probed] = await Promise.all([
    containers,
    answer,
    lookForImages(docker, images, { signal }),
    probing,
  ]);
  const machine = machineFacts({ info, version, probe: probed, infoTimeMs });
  const snapshots = probed.snapshots?.map((file) => ({ ...file }));
  return { status: "reached", machine, images: there, ...parts, ...(snapshots !== undefined && { snapshots }) };
}
