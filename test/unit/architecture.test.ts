import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";

interface Import {
  readonly file: string;
  /** A file of ours, from the root of the project, or the name of a package. */
  readonly target: string;
  readonly isType: boolean;
}

const root = join(__dirname, "../..");

const files = ["provider", "sdk"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => posix.join(folder, name.replaceAll("\\", "/"))),
);

const sourceOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** How a file knows others: by statements at its top, or only when it needs them. */
const importsOf = (file: string): readonly Import[] => [...statementsOf(file), ...lateImportsOf(file)];

const lateImportsOf = (file: string): readonly Import[] =>
  [...sourceOf(file).matchAll(/\bawait import\("([^"]+)"\)/g)].map(([, specifier = ""]) => {
    return { file, target: targetOf(file, specifier), isType: false };
  });

const targetOf = (file: string, specifier: string): string =>
  specifier.startsWith(".") ? posix.join(posix.dirname(file), specifier) : specifier;

/** A list of names counts as types when every name is marked as one. */
function statementsOf(file: string): readonly Import[] {
  const statements = sourceOf(file).matchAll(/^(?:import|export)\s+(type\s+)?([^"';]*?)(?:from\s+)?"([^"]+)";/gm);
  return [...statements].map(([, typeMark, names = "", specifier = ""]) => {
    const listed =
      /\{([^}]*)\}/
        .exec(names)?.[1]
        ?.split(",")
        .map((name) => name.trim()) ?? [];
    const hasOnlyTypes =
      /^\{[^}]*\}\s*$/.test(names) && listed.every((name) => name === "" || name.startsWith("type "));
    return { file, target: targetOf(file, specifier), isType: typeMark !== undefined || hasOnlyTypes };
  });
}

const imports = files.flatMap(importsOf);

/** `desired` for provider/desired/node-plan.ts; `sdk`, and the name of a file that lies in provider itself. */
const folderOf = (file: string): string =>
  (file.startsWith("provider/") ? file.slice("provider/".length) : file).split("/", 1)[0]?.replace(/\.ts$/, "") ?? "";

const isOurs = ({ target }: Import): boolean => /^(provider|sdk)\//.test(target);
const shown = ({ file, target }: Import): string => `${file} imports ${target}`;

/**
 * Whom a folder may know. `types:` stands for types only, and what is not named may not be known. A file by itself stands
 * where a folder needs one thing of another: texts, sums and waits that do nothing to a machine.
 */
const mayKnow: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  secrets: [],
  progress: [],
  "duration-text": [],
  "progress-printer": ["secrets", "progress", "duration-text"],
  releases: ["errors"],
  "ip-address": [],
  config: ["errors", "secrets", "ip-address", "releases"],
  pki: ["errors", "secrets", "ip-address", "types:config"],
  desired: ["errors", "secrets", "ip-address", "config", "releases", "pki"],
  hosts: ["errors", "secrets"],
  // What steps and execute leave on a machine, observed finds there: markers, names, the record of a lock.
  observed: [
    "errors",
    "secrets",
    "types:config",
    "desired",
    "pki",
    "hosts",
    "types:progress",
    "snapshots/manifest",
    "execute/lock-record",
    "execute/journal",
    "steps/files-marker",
    "steps/restore-marker",
    "steps/cluster-containers",
  ],
  // Archives of snapshots and the places that keep them; what a machine does is for the steps.
  snapshots: ["errors", "secrets"],
  steps: [
    "errors",
    "snapshots",
    "secrets",
    "desired",
    "pki",
    "types:observed",
    "types:progress",
    "types:hosts",
    "hosts/archive",
    "hosts/archive-stream",
    "hosts/http",
    "types:execute",
    "execute/wait",
    "execute/retry",
    "execute/deadline",
    "execute/lock-record",
  ],
  preflight: ["errors", "secrets", "config", "releases", "pki", "desired", "observed"],
  reconcile: [
    "errors",
    "secrets",
    "config",
    "releases",
    "pki",
    "desired",
    "types:observed",
    "snapshots/manifest",
    "steps",
  ],
  execute: [
    "errors",
    "secrets",
    "progress",
    "duration-text",
    "steps",
    "hosts",
    "releases",
    "pki",
    "desired",
    "types:config",
    "types:observed",
    "types:reconcile",
    "types:snapshots",
  ],
  state: ["errors", "secrets", "config", "observed", "pki"],
  sdk: ["types:config", "types:desired", "types:pki", "types:releases", "types:state", "types:errors"],
};

/** The top: they put everything together, and nothing below knows them. */
const above = ["cli", "resources", "index"];

const present = Object.keys(mayKnow).filter((folder) => files.some((file) => folderOf(file) === folder));

/** The folders that decide, and so have no way to do anything. */
const core = ["config", "releases", "pki", "desired", "reconcile"].filter((folder) => present.includes(folder));
const coreFiles = files.filter((file) => file.startsWith("provider/") && core.includes(folderOf(file)));

describe("the imports of the sources", () => {
  it("are found at all", () => {
    expect(imports).toContainEqual({
      file: "provider/desired/cluster-plan.ts",
      target: "provider/desired/cluster-context.ts",
      isType: false,
    });
    expect(imports).toContainEqual({
      file: "provider/desired/cluster-plan.ts",
      target: "provider/config/cluster-config.ts",
      isType: true,
    });
  });

  it.each(present)("lead from %s only to what it may know", (folder) => {
    const allowed = (mayKnow[folder] ?? []).map((name) => ({
      path: `provider/${name.replace(/^types:/, "")}`,
      typesOnly: name.startsWith("types:"),
    }));
    const isAllowed = ({ target, isType }: Import) =>
      folderOf(target) === folder ||
      allowed.some(
        ({ path, typesOnly }) => (target === `${path}.ts` || target.startsWith(`${path}/`)) && (isType || !typesOnly),
      );

    const strays = imports.filter((line) => folderOf(line.file) === folder && isOurs(line) && !isAllowed(line));

    expect(strays.map(shown)).toEqual([]);
  });

  it("come from folders that have their place here", () => {
    const strangers = files.map(folderOf).filter((folder) => mayKnow[folder] === undefined && !above.includes(folder));

    expect([...new Set(strangers)]).toEqual([]);
  });

  it("lead to cli and resources from above only", () => {
    const below = imports.filter(
      ({ file, target }) =>
        /^provider\/(cli|resources)\//.test(target) &&
        folderOf(file) !== folderOf(target) &&
        file !== "provider/index.ts",
    );

    expect(below.map(shown)).toEqual([]);
  });

  it("lead out of the pure core to no machine, no file and no process", () => {
    const ways =
      /^(node:(net|tls|http2?|https|dgram|dns|fs|fs\/promises|os|child_process|process|timers.*|worker_threads)|ssh2|dockerode)$/;

    const found = imports.filter(({ file, target }) => coreFiles.includes(file) && ways.test(target));

    expect(found.map(shown)).toEqual([]);
  });

  it.each([
    ["ssh2", "provider/hosts/ssh.ts"],
    ["dockerode", "provider/hosts/docker-send.ts"],
    ["node-forge", "provider/pki/x509.ts"],
    ["@aws-sdk/client-s3", "provider/snapshots/s3-client.ts"],
  ])("load %s in one file", (library, home) => {
    const users = imports.filter(({ target, isType }) => target === library && !isType).map(({ file }) => file);

    expect(users).toEqual([home]);
  });

  it("take no file of Node.js by its short name, and nothing of ours without its extension", () => {
    const short = imports.filter(({ target }) =>
      /^(fs|path|net|os|crypto|util|http|https|child_process|process)$/.test(target),
    );
    const bare = imports.filter((line) => isOurs(line) && !/\.(ts|json)$/.test(line.target));

    expect([...short, ...bare].map(shown)).toEqual([]);
  });
});

describe("the sdk", () => {
  it("loads the provider within functions only", () => {
    const atTheTop = files
      .filter((file) => file.startsWith("sdk/"))
      .flatMap((file) =>
        sourceOf(file)
          .split("\n")
          .map((line) => `${file}: ${line}`),
      )
      .filter((line) => /: (import |export |const |let )(?!.*\btype\b).*(provider\/|require\()/.test(line));

    expect(atTheTop).toEqual([]);
  });
});

describe("the pure core", () => {
  it.each([
    ["the clock", /\bDate\.now\(|\bnew Date\(\)|\bperformance\./],
    ["chance", /\bMath\.random\(|\brandomBytes\(|\brandomUUID\(/],
    ["the console", /\bconsole\./],
    ["the process", /\bprocess\.(?!emitWarning)|\bglobalThis\./],
    ["timers", /\bset(Timeout|Interval|Immediate)\(/],
    ["the network", /\bfetch\(/],
  ])("does not ask %s", (_, pattern) => {
    const found = coreFiles.flatMap((file) =>
      codeOf(file)
        .filter((line) => pattern.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );

    expect(found.filter((line) => !isException(line))).toEqual([]);
  });

  it("reads no file but the data of the releases", () => {
    const found = coreFiles.flatMap((file) =>
      codeOf(file)
        .filter(
          (line) =>
            /\brequire\(|\bimport\((?!"\.\/)/.test(line) &&
            !/typeof import\(/.test(line.replace(/require\([^)]*\)/, "")),
        )
        .map(() => file),
    );

    expect([...new Set(found)]).toEqual([]);
  });
});

/** The lines of a file without its comments. */
const codeOf = (file: string): readonly string[] =>
  sourceOf(file)
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("//"));

/** Chance has one home within the core, behind an interface that tests fill with numbers of their own. */
const isException = (line: string): boolean => line.startsWith("provider/pki/openssl.ts: ");
