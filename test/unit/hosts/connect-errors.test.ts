import { describe, expect, it } from "vitest";

import { type Attempt, tcpError, tcpTimeout } from "../../../provider/hosts/connect-errors.ts";

const ATTEMPT: Attempt = {
  machine: "node-1 (10.0.0.1)",
  host: "10.0.0.1",
  port: 22,
  user: "root",
  handshakeTimeoutMs: 15_000,
};

describe("tcpError()", () => {
  it.each([
    ["ENOTFOUND", false],
    ["EAI_AGAIN", true],
    ["ECONNREFUSED", true],
    ["EHOSTUNREACH", true],
    ["ENETUNREACH", true],
    ["ETIMEDOUT", true],
    ["EPERM", true],
  ])("explains %s, passing: %s", (code, transient) => {
    const error = tcpError(ATTEMPT, Object.assign(new Error(`connect ${code} 10.0.0.1:22`), { code }));

    expect(error.message).toMatchSnapshot();
    expect(error).toMatchObject({ code: "ssh", transient });
  });
});

describe("tcpTimeout()", () => {
  it("says how long was waited", () => {
    expect(tcpTimeout(ATTEMPT).message).toContain("port 22 did not answer within 15 s");
  });
});
