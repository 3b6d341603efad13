import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type {
  ContainerCreateOptions,
  ContainerInfo,
  ContainerInspectInfo,
  ImageInfo,
  ImageInspectInfo,
} from "dockerode";

import type { EngineVersion } from "./api-version.ts";
import { demux, type Output } from "./demux.ts";
import { DockerCalls, isSuccess } from "./docker-calls.ts";
import { pullRefusal } from "./docker-errors.ts";
import type { DockerCall, RegistryAuth } from "./docker-send.ts";
import { splitImage } from "./image-name.ts";
import type { Tunnel } from "./tunnel.ts";

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The part of `docker info` that matters here. */
export interface DockerInfo {
  readonly ServerVersion: string;
  readonly OperatingSystem: string;
  readonly OSType: string;
  readonly Architecture: string;
  readonly DockerRootDir: string;
  readonly SecurityOptions?: readonly string[];
  readonly CgroupDriver?: string;
  readonly CgroupVersion?: string;
  readonly KernelVersion: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly Name: string;
}

/** One line of a pull's progress. */
export interface PullProgress {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** The verbs of one Docker engine that we use. "Nothing to do" is an answer and not an error. */
export class Docker {
  readonly #calls: DockerCalls;

  constructor(tunnel: Tunnel, { machine }: { machine: string }) {
    this.#calls = new DockerCalls(tunnel, { machine });
  }

  /** Asked once per machine; the answer also settles the API version. */
  async version({ signal }: CallOptions = {}): Promise<EngineVersion> {
    return this.#calls.version(signal);
  }

  async info(options: CallOptions = {}): Promise<DockerInfo> {
    return this.#calls.json("read the state of Docker", get("/info", options));
  }

  /** All containers, those that are not running included; `label` is a name, or a name and a value: `a=b`. */
  async list({ label, signal }: CallOptions & { label?: string | undefined } = {}): Promise<ContainerInfo[]> {
    const query = { all: true, filters: label === undefined ? undefined : JSON.stringify({ label: [label] }) };
    return this.#calls.json("list the containers", { ...get("/containers/json", { signal }), query });
  }

  async inspect(name: string, options: CallOptions = {}): Promise<ContainerInspectInfo | undefined> {
    return this.#calls.jsonIfAny(`inspect the container ${name}`, get(`/containers/${name}/json`, options));
  }

  /** Creates a container and returns its id. The image must be there. */
  async create(name: string, spec: ContainerCreateOptions, options: CallOptions = {}): Promise<string> {
    const call = { ...post("/containers/create", options), query: { name }, body: spec };
    return (await this.#calls.json<{ Id: string }>(`create the container ${name}`, call)).Id;
  }

  async start(name: string, options: CallOptions = {}): Promise<void> {
    await this.#calls.done(`start the container ${name}`, post(`/containers/${name}/start`, options), {
      // Docker answers 304 to a start of what is started already.
      alsoFine: ({ status }) => status === 304,
    });
  }

  async restart(name: string, { graceSeconds, signal }: CallOptions & { graceSeconds?: number } = {}): Promise<void> {
    const call = { ...post(`/containers/${name}/restart`, { signal }), query: { t: graceSeconds } };
    await this.#calls.done(`restart the container ${name}`, call);
  }

  async stop(name: string, { graceSeconds, signal }: CallOptions & { graceSeconds?: number } = {}): Promise<void> {
    const call = { ...post(`/containers/${name}/stop`, { signal }), query: { t: graceSeconds } };
    await this.#calls.done(`stop the container ${name}`, call, {
      alsoFine: ({ status }) => status === 304 || status === 404,
    });
  }

  async rename(name: string, newName: string, options: CallOptions = {}): Promise<void> {
    const call = { ...post(`/containers/${name}/rename`, options), query: { name: newName } };
    await this.#calls.done(`rename the container ${name} to ${newName}`, call);
  }

  /** Removes a container with its anonymous volumes, killing it first if it runs. Returns whether there was one. */
  async remove(name: string, options: CallOptions = {}): Promise<boolean> {
    const call = {
      method: "DELETE",
      path: `/containers/${name}`,
      query: { force: true, v: true },
      ...options,
    } as const;
    const answer = await this.#calls.done(`remove the container ${name}`, call, {
      // The second text: somebody else, or an earlier run of ours, is at it.
      alsoFine: ({ status, message }) =>
        status === 404 || /removal of container .* is already in progress/i.test(message),
    });
    return answer !== 404;
  }

  /** Waits until a container is not running and returns its exit code. */
  async wait(name: string, options: CallOptions = {}): Promise<number> {
    const call = post(`/containers/${name}/wait`, options);
    return (await this.#calls.json<{ StatusCode: number }>(`wait for the container ${name}`, call)).StatusCode;
  }

  /** What a container has written so far; the last lines only, when asked. */
  async logs(name: string, { tail, signal }: CallOptions & { tail?: number | undefined } = {}): Promise<Output> {
    const query = { stdout: true, stderr: true, tail };
    const call = { ...get(`/containers/${name}/logs`, { signal }), query };
    return demux(await this.#calls.bytes(`read the logs of the container ${name}`, call));
  }

  /** Runs a command in a running container, without standard input. */
  async exec(
    name: string,
    command: readonly string[],
    options: CallOptions = {},
  ): Promise<Output & { readonly exitCode: number }> {
    const doing = `run "${command[0]}" in the container ${name}`;
    const body = { AttachStdout: true, AttachStderr: true, Cmd: command };
    const { Id } = await this.#calls.json<{ Id: string }>(doing, {
      ...post(`/containers/${name}/exec`, options),
      body,
    });
    const start = { ...post(`/exec/${Id}/start`, options), body: { Detach: false, Tty: false } };
    const output = demux(await this.#calls.bytes(doing, start));
    const { ExitCode } = await this.#calls.json<{ ExitCode: number }>(doing, get(`/exec/${Id}/json`, options));
    return { ...output, exitCode: ExitCode };
  }

  /** Pulls an image. Returns when it is there; tells about progress on the way. */
  async pull(
    image: string,
    {
      auth,
      onProgress,
      signal,
    }: CallOptions & { auth?: RegistryAuth | undefined; onProgress?: (line: PullProgress) => void } = {},
  ): Promise<void> {
    const doing = `pull ${image}`;
    const where = { doing, node: this.#calls.node };
    const { name, tag } = splitImage(image);
    const call = { ...post("/images/create", { signal }), query: { fromImage: name, tag }, auth };
    const answer = await this.#calls.answer(doing, call);
    if (!isSuccess(answer)) throw pullRefusal((await this.#calls.refusal(doing, answer, signal)).message, where);
    // The status was sent before the work began, so a failure comes as a line among the progress.
    for await (const line of this.#calls.lines(doing, { answer, signal })) {
      if (typeof line.error === "string") throw pullRefusal(line.error, where);
      onProgress?.(line);
    }
  }

  /** All images, each with the names it goes by. */
  async images(options: CallOptions = {}): Promise<ImageInfo[]> {
    return this.#calls.json("list the images", get("/images/json", options));
  }

  async inspectImage(image: string, options: CallOptions = {}): Promise<ImageInspectInfo | undefined> {
    return this.#calls.jsonIfAny(`look for the image ${image}`, get(`/images/${image}/json`, options));
  }

  /** Unpacks a tar archive into a directory of a container, which need not run. */
  async putArchive(
    name: string,
    path: string,
    { archive, signal }: CallOptions & { archive: Buffer | Readable },
  ): Promise<void> {
    const call = { method: "PUT", path: `/containers/${name}/archive`, query: { path }, archive, signal } as const;
    await this.#calls.done(`write files to ${path} in the container ${name}`, call);
  }

  /**
   * A file or directory of a container as a tar archive; undefined when there is no such path or container. What is large is
   * asked for `squeezed`: an engine that knows how sends it compressed, which is worth it on any line but the fastest.
   */
  async getArchive(
    name: string,
    path: string,
    { squeezed = false, signal }: CallOptions & { squeezed?: boolean } = {},
  ): Promise<Readable | undefined> {
    const headers = squeezed ? { "Accept-Encoding": "gzip" } : undefined;
    const call = { ...get(`/containers/${name}/archive`, { signal }), query: { path }, headers };
    const answer = await this.#calls.answerIfAny(`read ${path} from the container ${name}`, call);
    if (answer?.headers["content-encoding"] !== "gzip") return answer;
    // The error of the one end is told to who reads the other.
    return pipeline(answer, createGunzip(), () => undefined);
  }
}

function get(path: string, { signal }: CallOptions): DockerCall {
  return { method: "GET", path, signal };
}

function post(path: string, { signal }: CallOptions): DockerCall {
  return { method: "POST", path, signal };
}
