import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The version of this package, from the package.json above this file. */
export function packageVersion(folder: string = __dirname): string {
  const found = versionIn(folder);
  return found ?? (dirname(folder) === folder ? "unknown" : packageVersion(dirname(folder)));
}

function versionIn(folder: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return name === "pulumi-rke" ? version : undefined;
  } catch {
    return undefined;
  }
}
