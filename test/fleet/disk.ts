export interface HostFile {
  readonly content: Buffer;
  readonly mode: number;
  /** Absent for root's. */
  readonly owner?: Owner | undefined;
  /** Absent means now, when it is written. */
  readonly modifiedAtMs?: number | undefined;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Thrown with the words of the operating system, which end up in container logs and engine answers. */
export class DiskError extends Error {}

/** What a container sees: its own layer, and the machine's files where something is bound. */
export interface FileView {
  read(path: string): Buffer | undefined;
  write(path: string, content: Buffer | string, mode?: number): void;
  /** Writes a file with all that belongs to it. */
  place(path: string, file: HostFile): void;
  remove(path: string): void;
  /** Within one file system: takes no room. */
  rename(from: string, to: string): void;
  /** Paths of all files below a folder. */
  list(folder: string): readonly string[];
  mode(path: string): number | undefined;
  owner(path: string): Owner | undefined;
  modifiedAtMs(path: string): number | undefined;
  /** Whether there is such a folder: files lie in it, something is bound there, or every system has it. */
  hasFolder(path: string): boolean;
}

type Change = (change: "written" | "removed", path: string, content: Buffer | undefined) => void;

interface DiskOptions {
  readonly sizeBytes?: number;
  readonly onChange?: Change;
  /** By which clock files are written. */
  readonly now?: () => number;
}

/** The files of one machine or one container layer. Folders exist because files lie in them. */
export class Disk implements FileView {
  /** Bytes that the files may take together. */
  sizeBytes: number;
  full = false;
  readonly #files = new Map<string, HostFile>();
  readonly #onChange: Change | undefined;
  readonly #now: () => number;
  #usedBytes = 0;

  constructor({ sizeBytes = 20e9, onChange, now = Date.now }: DiskOptions = {}) {
    this.sizeBytes = sizeBytes;
    this.#now = now;
    this.#onChange = onChange;
  }

  get usedBytes(): number {
    return this.full ? this.sizeBytes : this.#usedBytes;
  }

  /** Takes room for something that is no file of ours, such as an image. */
  reserve(bytes: number, path: string): void {
    if (this.full || this.#usedBytes + bytes > this.sizeBytes) throw new DiskError(`${path}: no space left on device`);
    this.#usedBytes += bytes;
  }

  stat(path: string): HostFile | undefined {
    return this.#files.get(normal(path));
  }

  read(path: string): Buffer | undefined {
    return this.stat(path)?.content;
  }

  mode(path: string): number | undefined {
    return this.stat(path)?.mode;
  }

  owner(path: string): Owner | undefined {
    return this.stat(path)?.owner;
  }

  modifiedAtMs(path: string): number | undefined {
    return this.stat(path)?.modifiedAtMs;
  }

  hasFolder(path: string): boolean {
    return systemFolders.has(normal(path)) || this.list(path).length > 0;
  }

  write(path: string, content: Buffer | string, mode = 0o644): void {
    this.place(path, { content: Buffer.from(content), mode });
  }

  place(path: string, { content, mode, owner, modifiedAtMs = this.#now() }: HostFile): void {
    const at = normal(path);
    this.reserve(content.length - (this.#files.get(at)?.content.length ?? 0), `write ${at}`);
    this.#files.set(at, { content, mode, owner, modifiedAtMs });
    this.#onChange?.("written", at, content);
  }

  remove(path: string): void {
    const at = normal(path);
    const file = this.#files.get(at);
    if (file === undefined) return;
    this.#usedBytes -= file.content.length;
    this.#files.delete(at);
    this.#onChange?.("removed", at, undefined);
  }

  rename(from: string, to: string): void {
    const [before, after] = [normal(from), normal(to)];
    const file = this.#files.get(before);
    if (file === undefined) throw new DiskError(`rename ${before}: no such file or directory`);
    this.remove(after);
    this.#files.delete(before);
    this.#files.set(after, file);
    this.#onChange?.("removed", before, undefined);
    this.#onChange?.("written", after, file.content);
  }

  /** All there is, by path. */
  get files(): ReadonlyMap<string, HostFile> {
    return this.#files;
  }

  list(folder: string): readonly string[] {
    const prefix = normal(folder) === "/" ? "/" : `${normal(folder)}/`;
    return [...this.#files.keys()].filter((path) => path.startsWith(prefix));
  }
}

/** `/a//b/` → `/a/b`. */
function normal(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return `/${parts.join("/")}`;
}

const systemFolders: ReadonlySet<string> = new Set([
  "/",
  "/etc",
  "/home",
  "/opt",
  "/root",
  "/run",
  "/tmp",
  "/usr",
  "/var",
]);

interface Mount {
  readonly host: string;
  readonly inside: string;
  readonly readOnly: boolean;
}

/** The files of a container: `binds` in Docker's `host:inside[:options]` form over the machine's disk. */
export function throughBinds(disk: Disk, own: Disk, binds: readonly string[]): FileView {
  const mounts = binds.map(mountOf).sort((a, b) => b.inside.length - a.inside.length);
  const find = (path: string): { where: Disk; at: string; mount?: Mount } => {
    const at = normal(path);
    const mount = mounts.find(({ inside }) => at === inside || at.startsWith(inside === "/" ? "/" : `${inside}/`));
    return mount === undefined
      ? { where: own, at }
      : { where: disk, at: normal(mount.host + at.slice(mount.inside === "/" ? 0 : mount.inside.length)), mount };
  };
  const change = (path: string, deed: (where: Disk, at: string) => void): void => {
    const { where, at, mount } = find(path);
    if (mount?.readOnly === true) throw new DiskError(`open ${path}: read-only file system`);
    deed(where, at);
  };
  return {
    read: (path) => {
      const { where, at } = find(path);
      return where.read(at);
    },
    mode: (path) => {
      const { where, at } = find(path);
      return where.mode(at);
    },
    owner: (path) => {
      const { where, at } = find(path);
      return where.owner(at);
    },
    modifiedAtMs: (path) => {
      const { where, at } = find(path);
      return where.modifiedAtMs(at);
    },
    // Docker makes the directories that it binds, on the machine and in the container.
    hasFolder: (path) => {
      const { where, at } = find(path);
      return mounts.some(({ inside }) => inside === normal(path)) || where.hasFolder(at);
    },
    write: (path, content, mode) => change(path, (where, at) => where.write(at, content, mode)),
    place: (path, file) => change(path, (where, at) => where.place(at, file)),
    remove: (path) => change(path, (where, at) => where.remove(at)),
    rename: (from, to) => {
      const target = find(to);
      change(from, (where, at) => {
        if (target.where !== where || target.mount !== find(from).mount) {
          throw new DiskError(`rename ${from}: invalid cross-device link`);
        }
        where.rename(at, target.at);
      });
    },
    list: (folder) => {
      const { where, at, mount } = find(folder);
      const found = where.list(at);
      return mount === undefined
        ? found
        : found.map((path) => normal(mount.inside + path.slice(normal(mount.host).length)));
    },
  };
}

function mountOf(bind: string): Mount {
  const [host = "", inside = "", options = ""] = bind.split(":");
  return { host: normal(host), inside: normal(inside), readOnly: options.split(",").includes("ro") };
}
