import { describe, expect, it } from "vitest";

import { factsOf, readDockerFacts } from "../../../provider/cli/docker-file.ts";
import { ran, readerOf, threeNodes } from "./world.ts";

const read = (content: string) => readDockerFacts("d.json", readerOf({ "d.json": content }));

describe("readDockerFacts()", () => {
  it("readDockerFacts() reads some facts of some nodes", () => {
    const given = {
      "10.0.0.1": { serverVersion: "27.5.1" },
      default: { dockerRootDir: "/data", securityOptions: ["x"] },
    };

    expect(read(JSON.stringify(given))).toEqual(given);
  });

  it.each([
    ["no JSON", "nodes:", "it is no JSON: "],
    ["an empty file", "", "it is no JSON: "],
    ["a list", "[]", "the file: Invalid input: expected record, received array"],
    ["facts without an address", '{"serverVersion": "27.5.1"}', "serverVersion: Invalid input: expected object"],
    ["a number", '{"a": {"serverVersion": 27}}', "a.serverVersion: Invalid input: expected string, received number"],
    ["Docker's own spelling", '{"a": {"ServerVersion": "27"}}', 'a: Unrecognized key: "ServerVersion"'],
  ])("readDockerFacts() refuses %s", (_, content, because) => {
    expect(() => read(content)).toThrow(
      expect.objectContaining({
        code: "config",
        detail: expect.objectContaining({
          doing: 'read the Docker facts in "d.json"',
          because: expect.stringContaining(because),
        }),
      }),
    );
  });

  it("readDockerFacts() names all that is wrong", () => {
    expect(() => read('{"a": {"osType": 1}, "b": {"osType": 2}}')).toThrow(/a\.osType: .*; b\.osType: /);
  });
});

describe("factsOf()", () => {
  it("factsOf() takes what is said of the node, then of all nodes, then what is usual", () => {
    const facts = factsOf({
      default: { dockerRootDir: "/data", operatingSystem: "Flatcar" },
      "10.0.0.1": { operatingSystem: "Ubuntu" },
    });

    expect([facts("10.0.0.1"), facts("10.0.0.2")]).toMatchObject([
      { operatingSystem: "Ubuntu", dockerRootDir: "/data", osType: "linux" },
      { operatingSystem: "Flatcar", dockerRootDir: "/data", osType: "linux" },
    ]);
  });
});

describe("runCli() with --docker", () => {
  const facts = { "10.0.0.1": { serverVersion: "18.03.1" }, default: { serverVersion: "27.5.1" } };

  it("runCli() refuses an engine that was not tested, at the node that has it", async () => {
    const { code, err } = await ran(["validate", "c.yml", "--docker", "d.json"], {
      "c.yml": threeNodes,
      "d.json": JSON.stringify(facts),
    });

    expect(code).toBe(1);
    expect(err).toContain('c.yml:3:3: error: nodes[0]: Docker "18.03.1" on cp-1 (10.0.0.1) was not tested');
  });

  it("runCli() accepts it when the file says so", async () => {
    const { code } = await ran(["plan", "c.yml", "--docker", "d.json"], {
      "c.yml": `${threeNodes}ignore_docker_version: true\n`,
      "d.json": JSON.stringify(facts),
    });

    expect(code).toBe(0);
  });

  it("runCli() plans for the facts", async () => {
    const { out } = await ran(["plan", "c.yml", "--node", "worker-2", "--docker", "-"], {
      "c.yml": threeNodes,
      "-": '{"10.0.0.3": {"operatingSystem": "Flatcar Container Linux", "dockerRootDir": "/data"}}',
    });

    expect(out).toContain("directories below /opt/rke");
    expect(out).toContain("/data:/data:rw,rslave");
  });

  it("runCli() says that the facts cannot be read, and checks nothing", async () => {
    expect(await ran(["validate", "c.yml", "--docker", "gone.json"], { "c.yml": "wrong" })).toEqual({
      code: 1,
      out: "",
      err: 'pulumi-rke: Cannot read "gone.json": there is no such file\n',
    });
  });
});
