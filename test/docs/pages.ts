import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

export const pathOf = (file: string): string => join(root, file);
export const textOf = (file: string): string => readFileSync(pathOf(file), "utf8");

/** The pages that people read, but for the reference, which is written as a whole. */
export const pages: readonly string[] = [
  "README.md",
  ...readdirSync(pathOf("docs"))
    .filter((name) => name.endsWith(".md") && name !== "reference.md")
    .map((name) => `docs/${name}`),
];

const block = /<!-- (shown|file): (\S+) -->\n```(\w*)\n[\s\S]*?```/g;

/** The page with the outputs of runs and the files that its blocks name, as they are now. */
export const filled = (page: string): string =>
  page.replaceAll(block, (_, kind: string, name: string, language: string) => {
    const text = textOf(kind === "shown" ? `test/docs/shown/${name}.txt` : name);
    return `<!-- ${kind}: ${name} -->\n\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
  });

/** Which outputs of runs a page shows. */
export const shownOn = (page: string): readonly string[] =>
  [...page.matchAll(block)].filter(([, kind]) => kind === "shown").map(([, , name = ""]) => name);

/** Links of a page that lead nowhere in this repository. */
export function brokenLinks(file: string): readonly string[] {
  const text = textOf(file);
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^https?:/.test(target))
    .filter((target) => {
      const [path = "", anchor] = target.split("#");
      const there = path === "" ? file : join(file, "..", path);
      if (!existsSync(pathOf(there))) return true;
      return anchor !== undefined && !anchorsOf(textOf(there)).includes(anchor);
    });
}

/** As GitHub makes them. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

/** Scripts of package.json that a page names. */
export const scriptsNamedIn = (text: string): readonly string[] =>
  [...text.matchAll(/npm run (?:--silent |-s )?([a-z][\w-]*)/g)].map(([, name = ""]) => name);
