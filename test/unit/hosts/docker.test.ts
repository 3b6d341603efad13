import { describe, expect, it } from "vitest";

import type { Docker, PullProgress } from "../../../provider/hosts/docker.ts";
import { aHost, anEngine, answering, aServer, type Route, type Seen } from "./a-machine.ts";

async function aDocker(route: Route, options: { version?: object } = {}): Promise<{ docker: Docker; seen: Seen[] }> {
  const { engine, seen } = anEngine(route, options);
  const server = await aServer({ streamlocal: () => engine });
  return { docker: aHost(server).docker(), seen };
}

function frame(stream: number, text: string): Buffer {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

const says = (status: number, message = "it said so") => ({ status, json: { message } });

describe("Docker", () => {
  it.each([
    ["an older engine's version", { ApiVersion: "1.24" }, "/v1.24/info"],
    ["the newest that it knows", { ApiVersion: "1.99" }, "/v1.51/info"],
    ["what an engine before 1.13 says", { ApiVersion: "1.24", MinAPIVersion: undefined }, "/v1.24/info"],
  ])("speaks %s", async (_case, version, url) => {
    const { docker, seen } = await aDocker(() => ({ json: {} }), { version });

    await docker.info();

    expect(seen[0]?.url).toBe(url);
  });

  it.each([
    ["too old", { Version: "1.11.2", ApiVersion: "1.23" }],
    ["too new", { Version: "40.0.0", ApiVersion: "1.80", MinAPIVersion: "1.60" }],
  ])("refuses an engine that is %s", async (_case, version) => {
    const { docker } = await aDocker(() => ({ json: {} }), { version });

    await expect(docker.info()).rejects.toThrowErrorMatchingSnapshot();
  });

  it("lists all containers with a label", async () => {
    const { docker, seen } = await aDocker(() => ({ json: [{ Id: "1" }] }));

    const containers = await docker.list({ label: "io.rancher.rke.container.name=etcd" });

    const url = new URL(seen[0]?.url ?? "", "http://docker");
    expect(containers).toEqual([{ Id: "1" }]);
    expect(url.pathname).toBe("/v1.47/containers/json");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      all: "true",
      filters: '{"label":["io.rancher.rke.container.name=etcd"]}',
    });
  });

  it("has no container where the engine says 404", async () => {
    const { docker } = await aDocker(() => says(404));

    expect(await docker.inspect("etcd")).toBeUndefined();
  });

  it("sends a container's spec as it is and returns the id", async () => {
    const { docker, seen } = await aDocker(() => ({ status: 201, json: { Id: "abc" } }));

    const id = await docker.create("etcd", { Image: "etcd:3", HostConfig: { NetworkMode: "host" } });

    expect(id).toBe("abc");
    expect(seen).toMatchObject([{ method: "POST", url: "/v1.47/containers/create?name=etcd" }]);
    expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ Image: "etcd:3", HostConfig: { NetworkMode: "host" } });
  });

  it.each<[string, number, (docker: Docker) => Promise<void>]>([
    ["start", 204, (docker) => docker.start("etcd")],
    ["start", 304, (docker) => docker.start("etcd")],
    ["stop", 204, (docker) => docker.stop("etcd")],
    ["stop", 304, (docker) => docker.stop("etcd", { graceSeconds: 5 })],
    ["stop", 404, (docker) => docker.stop("etcd")],
    ["restart", 204, (docker) => docker.restart("etcd")],
    ["rename", 204, (docker) => docker.rename("etcd", "old-etcd")],
  ])("takes it as done when %s is answered with %i", async (_verb, status, deed) => {
    const { docker } = await aDocker(() => ({ status }));

    await expect(deed(docker)).resolves.toBeUndefined();
  });

  it.each([
    ["removes a container", 204, "", true],
    ["has nothing to remove where there is none", 404, "No such container: etcd", false],
    ["takes a removal that is under way as done", 409, "removal of container etcd is already in progress", true],
  ])("%s", async (_case, status, message, wasThere) => {
    const { docker } = await aDocker(() => (status === 204 ? { status } : says(status, message)));

    expect(await docker.remove("etcd")).toBe(wasThere);
  });

  it.each<[string, (docker: Docker) => Promise<unknown>, number, string]>([
    ["a start of nothing", (docker) => docker.start("etcd"), 404, "No such container: etcd"],
    ["a name in use", (docker) => docker.create("etcd", {}), 409, 'The container name "/etcd" is already in use'],
    ["a port in use", (docker) => docker.start("etcd"), 500, "listen tcp 0.0.0.0:2379: bind: address already in use"],
    ["a full disk", (docker) => docker.create("etcd", {}), 500, "write /var/lib/docker/x: no space left on device"],
  ])("explains %s and does not call it passing", async (_case, deed, status, message) => {
    const { docker } = await aDocker(() => says(status, message));

    const doing = deed(docker);

    await expect(doing).rejects.toThrowErrorMatchingSnapshot();
    await expect(doing).rejects.toMatchObject({ code: "docker", transient: false });
  });

  it("calls a 5xx that it does not know passing", async () => {
    const { docker } = await aDocker(() => says(503, "swarm is shy"));

    await expect(docker.info()).rejects.toMatchObject({ code: "docker", transient: true });
  });

  it("waits for an exit code", async () => {
    const { docker } = await aDocker(() => ({ json: { StatusCode: 7 } }));

    expect(await docker.wait("port-check")).toBe(7);
  });

  it("tells standard output and standard error apart", async () => {
    const { docker, seen } = await aDocker(() => ({
      text: Buffer.concat([frame(1, "one "), frame(2, "oh"), frame(1, "two")]),
    }));

    const output = await docker.logs("etcd", { tail: 20 });

    expect(output).toEqual({ stdout: "one two", stderr: "oh" });
    expect(seen[0]?.url).toContain("tail=20");
  });

  it("takes the output of a terminal as it is", async () => {
    const { docker } = await aDocker(() => ({ text: "plain text of a terminal" }));

    expect(await docker.logs("shell")).toEqual({ stdout: "plain text of a terminal", stderr: "" });
  });

  it("runs a command in a container", async () => {
    const { docker } = await aDocker(({ url }) => {
      if (url.includes("/exec/e1/start")) return { text: frame(1, "healthy") };
      if (url.includes("/exec/e1/json")) return { json: { ExitCode: 3 } };
      return { status: 201, json: { Id: "e1" } };
    });

    expect(await docker.exec("etcd", ["etcdctl", "health"])).toEqual({ stdout: "healthy", stderr: "", exitCode: 3 });
  });

  it("pulls with progress, and with credentials in the header alone", async () => {
    const lines = ['{"status":"Pulling fs layer","id":"a1"}', '{"status":"Download complete","id":"a1"}'];
    const { docker, seen } = await aDocker(() => ({ text: `${lines.join("\r\n")}\r\n` }));
    const progress: PullProgress[] = [];
    const auth = { username: "me", password: "hunter2", serveraddress: "reg.example:5000" };

    await docker.pull("reg.example:5000/rke-tools:v0.1.114", { auth, onProgress: (line) => progress.push(line) });

    const [request] = seen;
    const header = Buffer.from(String(request?.headers["x-registry-auth"]), "base64url").toString();
    expect(progress.map(({ status }) => status)).toEqual(["Pulling fs layer", "Download complete"]);
    expect(request?.url).toBe("/v1.47/images/create?fromImage=reg.example%3A5000%2Frke-tools&tag=v0.1.114");
    expect(JSON.parse(header)).toEqual(auth);
    expect(`${request?.url}${request?.body}`).not.toContain("hunter2");
  });

  it.each<[string, boolean, string]>([
    ["a missing tag", false, "manifest for rke:9 not found: manifest unknown: manifest unknown"],
    ["a private image", false, "pull access denied for rke, repository does not exist or may require 'docker login'"],
    ["a rate limit", false, "toomanyrequests: You have reached your pull rate limit."],
    ["a certificate", false, "tls: failed to verify certificate: x509: certificate signed by unknown authority"],
    ["a full disk", false, "failed to register layer: write /x: no space left on device"],
    ["a slow registry", true, "net/http: request canceled while waiting for connection (Client.Timeout exceeded)"],
    ["a reset", true, "read tcp 10.0.0.1:4242->1.2.3.4:443: read: connection reset by peer"],
    ["a sick registry", true, "received unexpected HTTP status: 503 Service Unavailable"],
  ])("finds %s in the stream of a pull, passing: %s", async (_case, transient, message) => {
    const line = JSON.stringify({ errorDetail: { message }, error: message });
    const { docker } = await aDocker(() => ({ text: `{"status":"Pulling from rke"}\r\n${line}\r\n` }));

    const pulling = docker.pull("rke:9");

    await expect(pulling).rejects.toThrowErrorMatchingSnapshot();
    await expect(pulling).rejects.toMatchObject({ transient });
  });

  it("finds the reason of a pull that is refused at once", async () => {
    const { docker } = await aDocker(() => says(404, "manifest for rke:9 not found: manifest unknown"));

    await expect(docker.pull("rke:9")).rejects.toMatchObject({ code: "registry", transient: false });
  });

  it("writes and reads archives", async () => {
    const { docker, seen } = await aDocker(({ method }) => ({ text: method === "GET" ? "tar bytes" : "" }));

    await docker.putArchive("box", "/etc", { archive: Buffer.from("a tar") });
    const read = await docker.getArchive("box", "/etc/hosts");

    expect(seen[0]).toMatchObject({ method: "PUT", body: "a tar", headers: { "content-type": "application/tar" } });
    expect((await read?.toArray())?.join("")).toBe("tar bytes");
  });

  it("has no archive of a path that is not there", async () => {
    const { docker } = await aDocker(() => says(404));

    expect(await docker.getArchive("box", "/nope")).toBeUndefined();
  });

  it("stops in the middle of a call when the signal says so", async () => {
    const stop = new AbortController();
    const { docker } = await aDocker(({ url }) => {
      if (url.includes("/wait")) queueMicrotask(() => stop.abort(new Error("enough")));
      return { json: {} };
    });

    const waiting = docker.wait("forever", { signal: stop.signal });

    await expect(waiting).rejects.toThrow("enough");
  });

  it("stops while a channel is being opened, though the machine is silent", async () => {
    const stop = new AbortController();
    const server = await aServer({
      streamlocal: () => {
        queueMicrotask(() => stop.abort(new Error("enough")));
        return { refuse: "silence" };
      },
    });

    const calling = aHost(server).docker().info({ signal: stop.signal });

    await expect(calling).rejects.toThrow("enough");
  });

  it("calls a connection that is lost during a call passing", async () => {
    const server = await aServer({
      streamlocal: () =>
        answering((request, response) => {
          if (request.url?.startsWith("/version")) response.end('{"Version":"27.5.1","ApiVersion":"1.47"}');
          else server.drop();
        }),
    });

    const calling = aHost(server).docker().info();

    await expect(calling).rejects.toMatchObject({ code: "ssh", transient: true });
  });

  it("notices an answer that breaks off in the middle of its body", async () => {
    const server = await aServer({
      streamlocal: () =>
        answering((request, response) => {
          if (request.url?.startsWith("/version")) response.end('{"Version":"27.5.1","ApiVersion":"1.47"}');
          else response.writeHead(200, { "Content-Length": "100" }).write('{"Serv', () => response.destroy());
        }),
    });

    const calling = aHost(server).docker().info();

    await expect(calling).rejects.toMatchObject({ code: "docker", transient: true });
  });
});
