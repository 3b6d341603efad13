import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";

import { type ContainerSpec, keyOf, publishedPorts, volumeSources, words } from "./container-spec.ts";
import { Disk, type FileView, type HostFile, throughBinds } from "./disk.ts";
import { HttpRefusal } from "./http.ts";
import type { Machine } from "./machine.ts";
import { type Invocation, type Process, type Program, programFor } from "./programs.ts";
import { run } from "./run-program.ts";

export interface LogLine {
  readonly stream: "stdout" | "stderr";
  readonly at: number;
  readonly text: string;
}

export type Status = "created" | "running" | "restarting" | "exited";
type By = "client" | "world";

export const isOfRunning = (status: Status): boolean => status === "running" || status === "restarting";

/** What does not belong to RKE must not be touched; the invariants watch this. */
export interface ContainerOrigin {
  readonly name: string;
  readonly spec: ContainerSpec;
  readonly isForeign?: boolean;
  /** Unset: now. */
  readonly createdAt?: number;
  /** Whose volumes it has taken over; unset, they are looked up by the names in the spec. */
  readonly volumeSources?: readonly ContainerSpec[];
}

/** What a container is at a moment, but for what its process is about; enough to make another one like it. */
export interface ContainerImprint extends Required<ContainerOrigin> {
  readonly status: Status;
  readonly exitCode: number;
  readonly error: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly restartCount: number;
  readonly isStoppedByHand: boolean;
  readonly logs: readonly LogLine[];
  readonly layer: readonly (readonly [path: string, file: HostFile])[];
}

/** One container and the process in it, with the engine's rules about starting, ending and restarting. */
export class Container {
  readonly machine: Machine;
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly isForeign: boolean;
  createdAt: number;
  readonly logs: LogLine[] = [];
  readonly layer = new Disk({ now: () => this.machine.now() });
  name: string;
  status: Status = "created";
  exitCode = 0;
  error = "";
  startedAt = 0;
  finishedAt = 0;
  restartCount = 0;
  isRemoved = false;
  readonly #watchers = new Set<() => void>();
  #endProcess: (() => void) | undefined;
  #cancelRestart: (() => void) | undefined;
  #stoppedByHand = false;
  #crashes = 0;
  /** Volumes are taken over when a container is made; what becomes of their source later does not matter. */
  readonly #volumeSources: readonly ContainerSpec[];

  constructor(machine: Machine, { name, spec, isForeign = false, createdAt, volumeSources: sources }: ContainerOrigin) {
    this.machine = machine;
    this.name = name;
    this.spec = spec;
    this.isForeign = isForeign;
    this.createdAt = createdAt ?? machine.now();
    this.#volumeSources = sources ?? volumeSources(spec).flatMap((from) => machine.find(from)?.spec ?? []);
    this.id = createHash("sha256").update(`${machine.name} ${name} ${machine.nextSerial()}`).digest("hex");
  }

  get imprint(): ContainerImprint {
    const { name, spec, isForeign, createdAt, status, exitCode, error, startedAt, finishedAt, restartCount } = this;
    return {
      ...{ name, spec, isForeign, createdAt, status, exitCode, error, startedAt, finishedAt, restartCount },
      volumeSources: this.#volumeSources,
      isStoppedByHand: this.#stoppedByHand,
      logs: [...this.logs],
      layer: [...this.layer.files],
    };
  }

  /** Takes over a past. What ran then is not started by this. */
  resume({ status, exitCode, error, startedAt, finishedAt, restartCount, ...more }: ContainerImprint): void {
    Object.assign(this, { exitCode, error, startedAt, finishedAt, restartCount });
    if (status === "exited") this.status = status;
    this.#stoppedByHand = more.isStoppedByHand;
    this.logs.push(...more.logs);
    for (const [path, file] of more.layer) this.layer.place(path, file);
  }

  get isRunning(): boolean {
    return isOfRunning(this.status);
  }

  get restartPolicy(): string {
    return this.spec.HostConfig?.RestartPolicy?.Name || "no";
  }

  get argv(): readonly string[] {
    const image = this.machine.world.imageConfig(this.spec.Image);
    const entrypoint = words(this.spec.Entrypoint);
    const cmd = words(this.spec.Cmd);
    const first = entrypoint.length > 0 ? entrypoint : (image.Entrypoint ?? []);
    return [...first, ...(cmd.length > 0 || entrypoint.length > 0 ? cmd : (image.Cmd ?? []))];
  }

  get env(): readonly string[] {
    const own = this.spec.Env ?? [];
    const keys = new Set(own.map(keyOf));
    return [...own, ...(this.machine.world.imageConfig(this.spec.Image).Env ?? []).filter((e) => !keys.has(keyOf(e)))];
  }

  get files(): FileView {
    const binds = [this.spec, ...this.#volumeSources].flatMap(({ HostConfig }) => HostConfig?.Binds ?? []);
    return throughBinds(this.machine.disk, this.layer, binds);
  }

  /** `argv` is what an exec asks for; without it, what the container itself runs. */
  invocation(argv: readonly string[] = this.argv, env: readonly string[] = this.env): Invocation {
    return {
      argv: argv[0]?.endsWith("/entrypoint.sh") === true ? argv.slice(1) : argv,
      env: Object.fromEntries(env.map((entry) => [keyOf(entry), entry.slice(keyOf(entry).length + 1)])),
      container: this,
      image: this.spec.Image,
      labels: this.spec.Labels ?? {},
    };
  }

  /** Says whether it was not running before. Throws what the engine answers when it cannot start. */
  start(by: By = "client"): boolean {
    if (this.isRunning) return false;
    const found = this.#startableOrNoted();
    this.#stoppedByHand = false;
    this.#launch(found, by);
    return true;
  }

  /** Says whether it was running before. */
  stop({ code = 0, by = "client" }: { readonly code?: number; readonly by?: By } = {}): boolean {
    if (!this.isRunning) return false;
    this.#cancelRestart?.();
    this.#stoppedByHand = by === "client";
    this.#ended(code);
    this.status = "exited";
    this.machine.world.journal.record({ node: this.machine.name, kind: "container stopped", what: this.name, by });
    this.#changed();
    return true;
  }

  /** After a power cut: policies `always` and `unless-stopped` bring containers back, not what a hand had stopped. */
  boot(): void {
    if (this.startedAt === 0) return;
    const policy = this.restartPolicy;
    if (policy === "always" || (policy === "unless-stopped" && !this.#stoppedByHand)) {
      this.#stoppedByHand = false;
      try {
        this.#launch(this.#startable(), "world");
      } catch (error) {
        this.error = (error as Error).message;
      }
    }
  }

  removed(): void {
    this.isRemoved = true;
    this.#changed();
  }

  log(text: string, stream: "stdout" | "stderr" = "stderr"): void {
    this.logs.push({ stream, at: this.machine.now(), text });
    this.#changed();
  }

  /** Hears every change of status and every new log line. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Resolves when the claim about this container has become true. */
  async until(claim: () => boolean): Promise<void> {
    if (claim()) return;
    await new Promise<void>((resolve) => {
      const unwatch = this.watch(() => {
        if (!claim()) return;
        unwatch();
        resolve();
      });
    });
  }

  /** A start that fails leaves its reason behind, and a code as a shell has it. */
  #startableOrNoted(): Program {
    try {
      return this.#startable();
    } catch (error) {
      this.error = (error as Error).message;
      this.exitCode = 127;
      throw error;
    }
  }

  #startable(): Program {
    const { machine } = this;
    const [first = ""] = this.argv;
    const folder = first.slice(0, first.lastIndexOf("/"));
    const isThere = [this.spec, ...this.#volumeSources].some(
      ({ Image }) => folder in (machine.world.imageConfig(Image).Volumes ?? {}),
    );
    if (first.endsWith("/entrypoint.sh") && !isThere) {
      throw cannotExec(first, `stat ${first}: no such file or directory`);
    }
    const found = programFor(this.invocation());
    if (found === undefined) throw cannotExec(first, "executable file not found in $PATH");
    return found;
  }

  #launch(found: Program, by: By): void {
    const { machine } = this;
    const { faults, journal } = machine.world;
    const ends: (() => void)[] = [];
    let hasEnded = false;
    const end = (): void => {
      hasEnded = true;
      for (const deed of ends.splice(0)) deed();
    };
    const exit = (code: number): void => {
      if (!hasEnded) this.#exited(code);
    };
    const process: Process = {
      ...this.invocation(),
      machine,
      files: this.files,
      log: (line, stream) => this.log(line, stream),
      listen: (port, listener) => {
        // A program that was still getting ready when its container was stopped takes no port any more.
        if (hasEnded) return;
        const open = new Set<Duplex>();
        const accept = (socket: Duplex): void => {
          open.add(socket);
          socket.once("close", () => open.delete(socket));
          listener.accept(socket);
        };
        ends.push(machine.listen(port, { ...listener, accept, owner: this.name }));
        // The kernel closes the connections of a process that has ended.
        ends.push(() => {
          for (const socket of open) socket.destroy();
        });
      },
      onEnd: (deed) => ends.push(deed),
      exit,
      get hasEnded() {
        return hasEnded;
      },
    };
    this.#endProcess = end;
    try {
      for (const port of publishedPorts(this.spec)) process.listen(port, { accept: (socket) => socket.end() });
    } catch (error) {
      end();
      const because = `Error starting userland proxy: ${(error as Error).message}`;
      this.error = `driver failed programming external connectivity on endpoint ${this.name} (${this.id}): ${because}`;
      throw new HttpRefusal(500, this.error);
    }
    this.status = "running";
    this.error = "";
    this.exitCode = 0;
    this.startedAt = machine.now();
    journal.record({ node: machine.name, kind: "container started", what: this.name, by });
    const fate = faults.exitOf(this.name);
    if (fate !== undefined) ends.push(machine.world.after(fate.afterMs, () => exit(fate.code)));
    const delayMs = faults.startDelayMs(found.name);
    if (delayMs > 0) ends.push(machine.world.after(delayMs, () => void run(found, process)));
    else void run(found, process);
    this.#changed();
  }

  #exited(code: number): void {
    const { name, machine, spec } = this;
    this.#ended(code);
    const { Name: policy = "no", MaximumRetryCount: most = 0 } = spec.HostConfig?.RestartPolicy ?? {};
    const again =
      policy === "always" ||
      policy === "unless-stopped" ||
      (policy === "on-failure" && code !== 0 && (most === 0 || this.restartCount < most));
    this.status = again ? "restarting" : "exited";
    if (again) {
      // Docker forgets earlier crashes once a container has run for ten seconds.
      this.#crashes = machine.now() - this.startedAt > 10_000 ? 0 : this.#crashes + 1;
      const delayMs = machine.world.pace.restartMs * 2 ** Math.min(this.#crashes - 1, 6);
      this.#cancelRestart = machine.world.after(delayMs, () => this.#restart());
    }
    machine.world.journal.record({
      node: machine.name,
      kind: "container exited",
      what: `${name} (${code})`,
      by: "world",
    });
    if (!again && spec.HostConfig?.AutoRemove === true) machine.remove(this, "world");
    this.#changed();
  }

  #restart(): void {
    this.restartCount += 1;
    try {
      this.#launch(this.#startable(), "world");
    } catch (error) {
      this.status = "exited";
      this.error = (error as Error).message;
      this.#changed();
    }
  }

  #ended(code: number): void {
    this.exitCode = code;
    this.finishedAt = this.machine.now();
    this.#endProcess?.();
    this.#endProcess = undefined;
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

const cannotExec = (word: string, because: string): HttpRefusal =>
  new HttpRefusal(
    400,
    `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ` +
      `unable to start container process: exec: "${word}": ${because}: unknown`,
  );
