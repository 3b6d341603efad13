import { describe, expect, it } from "vitest";

import { readText } from "../../../provider/cli/read-text.ts";
import { errno, readerOf } from "./world.ts";

describe("readText()", () => {
  it("readText() reads UTF-8", () => {
    expect(readText("a.yml", readerOf({ "a.yml": "köln: 😀" }))).toBe("köln: 😀");
  });

  it.each([
    ["ENOENT", "there is no such file"],
    ["EISDIR", "it is a directory"],
    ["EACCES", "this user may not read it"],
    ["ENOTDIR", "a part of its path is no directory"],
    ["ERR_FS_FILE_TOO_LARGE", "it is too large"],
    ["EIO", "EIO: as Node.js says it"],
  ])("readText() says of %s that %s", (code, because) => {
    expect(() => readText("a.yml", readerOf({ "a.yml": errno(code) }))).toThrow(
      expect.objectContaining({ code: "config", message: `Cannot read "a.yml": ${because}` }),
    );
  });

  it("readText() calls the standard input by its name", () => {
    expect(() => readText("-", readerOf({ "-": errno("EISDIR") }))).toThrow(
      "Cannot read the standard input: it is a directory",
    );
  });

  it("readText() keeps what Node.js said", () => {
    const cause = errno("EACCES");

    expect(() => readText("a.yml", readerOf({ "a.yml": cause }))).toThrow(expect.objectContaining({ cause }));
  });
});
