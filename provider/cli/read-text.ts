import { RkeError } from "../errors.ts";
import type { Io } from "./io.ts";

/** The text of a file, or an error that says why there is none. */
export function readText(file: string, { read }: Pick<Io, "read">): string {
  try {
    return Buffer.from(read(file)).toString("utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new RkeError(
      "config",
      { doing: file === "-" ? "read the standard input" : `read "${file}"`, because: reasons[code] ?? message },
      { cause: error },
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not read it",
  EISDIR: "it is a directory",
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is no directory",
  ERR_FS_FILE_TOO_LARGE: "it is too large",
  ERR_STRING_TOO_LONG: "it is too large",
};
