import { describe, expect, it } from "vitest";

import {
  isDuration,
  isPort,
  labelKeyProblem,
  labelValueProblem,
  subdomainProblem,
} from "../../../provider/config/kubernetes-syntax.ts";

describe("subdomainProblem()", () => {
  it.each(["a", "10.0.0.1", "node-1.example.com", "a".repeat(253)])("has nothing against %s", (name) => {
    expect(subdomainProblem(name)).toBeUndefined();
  });

  it.each(["", "A", "a_b", "-a", "a-", "a..b", ".a", "a.", "a".repeat(254)])("has something against %j", (name) => {
    expect(subdomainProblem(name)).toBeTypeOf("string");
  });
});

describe("labelKeyProblem()", () => {
  it.each(["a", "A_b.c-1", "example.com/a", "node-role.kubernetes.io/worker"])("has nothing against %s", (key) => {
    expect(labelKeyProblem(key)).toBeUndefined();
  });

  it.each(["", "a b", "/a", "a/", "a/b/c", "Example.com/a", "-a", `${"a".repeat(64)}`])(
    "has something against %j",
    (key) => {
      expect(labelKeyProblem(key)).toBeTypeOf("string");
    },
  );
});

describe("labelValueProblem()", () => {
  it.each(["", "a", "1", "A_b.c-1", "a".repeat(63)])("has nothing against %j", (value) => {
    expect(labelValueProblem(value)).toBeUndefined();
  });

  it.each(["a b", "-", "a/b", "a".repeat(64)])("has something against %j", (value) => {
    expect(labelValueProblem(value)).toBeTypeOf("string");
  });
});

describe("isDuration()", () => {
  it.each(["72h", "1h30m", "500ms", "1.5h", ".5s", "0", "5m0s"])("takes %s for a duration", (text) => {
    expect(isDuration(text)).toBe(true);
  });

  it.each(["", "12", "3d", "h", "1h 30m", "1H"])("does not take %j for a duration", (text) => {
    expect(isDuration(text)).toBe(false);
  });
});

describe("isPort()", () => {
  it.each(["1", "22", "65535"])("takes %s for a port", (text) => {
    expect(isPort(text)).toBe(true);
  });

  it.each(["", "0", "65536", "022", "-1", "ssh", "2.5"])("does not take %j for a port", (text) => {
    expect(isPort(text)).toBe(false);
  });
});
