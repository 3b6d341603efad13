import { describe, expect, it } from "vitest";

import { quoted } from "../../../provider/config/quoted.ts";

describe("quoted()", () => {
  it.each([
    ["a", '"a"'],
    ['a"b\n', '"a\\"b\\n"'],
    ["a".repeat(70), `"${"a".repeat(60)}…"`],
    ["https://user:hunter2@host:2379", '"https://user:…@host:2379"'],
    ["root:hunter2@host", '"root:…@host"'],
    ["root@host", '"root@host"'],
    ["etcd:v3.5@sha256:abc", '"etcd:v3.5@sha256:abc"'],
  ])("writes %j as %s", (value, text) => {
    expect(quoted(value)).toBe(text);
  });
});
