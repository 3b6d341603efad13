import type { IncomingMessage } from "node:http";

import { abortable } from "./abortable.ts";
import { type EngineVersion, negotiate } from "./api-version.ts";
import { type DockerAnswer, dockerFailure, dockerRefusal } from "./docker-errors.ts";
import { type DockerCall, dockerode, type SendToDocker } from "./docker-send.ts";
import { jsonObject, readAll } from "./http.ts";
import type { Tunnel } from "./tunnel.ts";

/**
 * Calls to one engine, in the API version that it and we have in common, with errors in the words of the deed.
 * `doing` reads after "Cannot".
 */
export class DockerCalls {
  readonly node: string;
  readonly #tunnel: Tunnel;
  #engine: Promise<Engine> | undefined;

  constructor(tunnel: Tunnel, { machine }: { machine: string }) {
    this.#tunnel = tunnel;
    this.node = machine;
  }

  async version(signal: AbortSignal | undefined): Promise<EngineVersion> {
    return (await this.#negotiated(signal)).version;
  }

  /** The answer, whatever its status is. Its body must be read, or the channel is not used again. */
  async answer(doing: string, call: DockerCall): Promise<IncomingMessage> {
    const { send } = await this.#negotiated(call.signal);
    return this.#guarded(doing, call.signal, () => send(call));
  }

  async bytes(doing: string, call: DockerCall): Promise<Buffer> {
    const answer = await this.answer(doing, call);
    await this.#mustSucceed(doing, answer, call.signal);
    return this.#guarded(doing, call.signal, () => readAll(answer));
  }

  async json<T>(doing: string, call: DockerCall): Promise<T> {
    const text = (await this.bytes(doing, call)).toString("utf8");
    return this.#parsed<T>(doing, text);
  }

  /** The answer, or undefined when the engine knows no such thing. */
  async jsonIfAny<T>(doing: string, call: DockerCall): Promise<T | undefined> {
    const answer = await this.answerIfAny(doing, call);
    if (answer === undefined) return undefined;
    const bytes = await this.#guarded(doing, call.signal, () => readAll(answer));
    return this.#parsed<T>(doing, bytes.toString("utf8"));
  }

  async answerIfAny(doing: string, call: DockerCall): Promise<IncomingMessage | undefined> {
    const answer = await this.answer(doing, call);
    if (answer.statusCode === 404) {
      answer.resume();
      return undefined;
    }
    await this.#mustSucceed(doing, answer, call.signal);
    return answer;
  }

  /** For calls whose answer says no more than yes. Returns its status. */
  async done(doing: string, call: DockerCall, { alsoFine = () => false }: DoneOptions = {}): Promise<number> {
    const answer = await this.answer(doing, call);
    if (isSuccess(answer)) {
      answer.resume();
      return answer.statusCode ?? 0;
    }
    const refusal = await this.refusal(doing, answer, call.signal);
    if (!alsoFine(refusal)) throw dockerRefusal(refusal, { doing, node: this.node });
    return refusal.status;
  }

  /** Objects that arrive one by one. */
  async *lines(doing: string, { answer, signal }: Lines): AsyncGenerator<Record<string, unknown>> {
    let rest = "";
    try {
      for await (const chunk of answer.setEncoding("utf8") as AsyncIterable<string>) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          const object = jsonObject(line);
          if (object !== undefined) yield object;
        }
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw dockerFailure(error, { doing, node: this.node });
    }
    const last = jsonObject(rest);
    if (last !== undefined) yield last;
  }

  /** Reads why the engine said no. */
  async refusal(doing: string, answer: IncomingMessage, signal: AbortSignal | undefined): Promise<DockerAnswer> {
    const text = (await this.#guarded(doing, signal, () => readAll(answer))).toString("utf8").trim();
    const said = jsonObject(text)?.message;
    return { status: answer.statusCode ?? 0, message: typeof said === "string" ? said : text };
  }

  /** Shared by all callers, and asked again after a failure. Not stopped by the signal of whoever came first. */
  async #negotiated(signal: AbortSignal | undefined): Promise<Engine> {
    this.#engine ??= this.#negotiate().catch((error: unknown) => {
      this.#engine = undefined;
      throw error;
    });
    return abortable(this.#engine, signal);
  }

  /** One question settles it: `/version` has both ends of the range that the engine speaks. */
  async #negotiate(): Promise<Engine> {
    const doing = "ask Docker for its version";
    const bytes = await this.#guarded(doing, undefined, async () => {
      const answer = await dockerode(this.#tunnel)({ method: "GET", path: "/version" });
      await this.#mustSucceed(doing, answer, undefined);
      return readAll(answer);
    });
    const version = this.#parsed<EngineVersion>(doing, bytes.toString("utf8"));
    return { version, send: dockerode(this.#tunnel, { version: negotiate(version, { node: this.node }) }) };
  }

  async #mustSucceed(doing: string, answer: IncomingMessage, signal: AbortSignal | undefined): Promise<void> {
    if (isSuccess(answer)) return;
    throw dockerRefusal(await this.refusal(doing, answer, signal), { doing, node: this.node });
  }

  async #guarded<T>(doing: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw dockerFailure(error, { doing, node: this.node });
    }
  }

  #parsed<T>(doing: string, text: string): T {
    const value = jsonObject(text);
    if (value === undefined) {
      const message = `no JSON but ${text.slice(0, 100)}`;
      throw dockerRefusal({ status: 200, message }, { doing, node: this.node });
    }
    return value as T;
  }
}

export function isSuccess(answer: IncomingMessage): boolean {
  return answer.statusCode !== undefined && answer.statusCode >= 200 && answer.statusCode < 300;
}

interface Engine {
  readonly version: EngineVersion;
  readonly send: SendToDocker;
}

interface DoneOptions {
  /** Refusals that mean that there was nothing to do. */
  readonly alsoFine?: (refusal: DockerAnswer) => boolean;
}

interface Lines {
  readonly answer: IncomingMessage;
  readonly signal?: AbortSignal | undefined;
}
