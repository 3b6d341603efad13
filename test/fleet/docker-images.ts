import { createHash } from "node:crypto";

import type { EngineCall, Route } from "./docker-call.ts";
import type { Answer } from "./exchange.ts";
import type { PullFailure } from "./faults.ts";
import { HttpRefusal } from "./http.ts";
import type { Image, Machine } from "./machine.ts";

/** Everything below `/images` that the fleet knows. */
export const imageRoutes: readonly Route[] = [
  { method: "POST", path: /^\/images\/create$/, answer: pull },
  { method: "GET", path: /^\/images\/json$/, answer: ({ machine }) => listed(machine) },
  { method: "GET", path: /^\/images\/(.+)\/json$/, answer: inspect },
  { method: "DELETE", path: /^\/images\/(.+)$/, answer: remove },
];

export const noSuchImage = (reference: string): HttpRefusal => new HttpRefusal(404, `No such image: ${reference}`);

/** Puts an image on a machine without a pull. */
export function preload(machine: Machine, reference: string): Image {
  const id = `sha256:${createHash("sha256").update(reference).digest("hex")}`;
  const image = { id, reference, sizeBytes: 50e6, pulledAt: machine.now() };
  machine.disk.reserve(image.sizeBytes, `write /var/lib/docker/tmp/GetImageBlob${machine.nextSerial()}`);
  machine.images.set(reference, image);
  return image;
}

async function pull({ machine, request, response, query }: EngineCall): Promise<Answer> {
  const name = query.get("fromImage") ?? "";
  const tag = query.get("tag");
  const reference =
    tag === null || tag === "" ? withTag(name) : `${name}${tag.startsWith("sha256:") ? "@" : ":"}${tag}`;
  request.resume();
  const { faults, journal, pace } = machine.world;
  const failure = faults.pullFailure(machine.name, reference) ?? deniedTo(machine, reference, request.headers);
  if (failure !== undefined && failure !== "broken stream") throw refusals[failure](reference);

  response.writeHead(200, { "content-type": "application/json" });
  const say = (line: object): void => void response.write(`${JSON.stringify(line)}\r\n`);
  const id = reference.split(":").at(-1) ?? "latest";
  say({ status: `Pulling from ${name}`, id });
  if (machine.images.has(reference)) say({ status: `Status: Image is up to date for ${reference}` });
  else {
    say({ status: "Pulling fs layer", progressDetail: {}, id: "5e8117c0bd28" });
    if (pace.pullMs > 0) await new Promise((resolve) => setTimeout(resolve, pace.pullMs));
    const because = failure === undefined ? stored(machine, reference) : "unexpected EOF";
    if (because === undefined) {
      journal.record({ node: machine.name, kind: "image pulled", what: reference });
      say({ status: "Pull complete", progressDetail: {}, id: "5e8117c0bd28" });
      say({ status: `Status: Downloaded newer image for ${reference}` });
    } else say({ errorDetail: { message: because }, error: because });
  }
  response.end();
  return "streamed";
}

/** Says what went wrong; the engine reports it in a stream that has begun with 200. */
function stored(machine: Machine, reference: string): string | undefined {
  try {
    preload(machine, reference);
    return undefined;
  } catch (error) {
    return `failed to register layer: ${(error as Error).message}`;
  }
}

const refusals: Readonly<Record<Exclude<PullFailure, "broken stream">, (reference: string) => HttpRefusal>> = {
  "not found": (reference) =>
    new HttpRefusal(404, `manifest for ${reference} not found: manifest unknown: manifest unknown`),
  denied: (reference) =>
    new HttpRefusal(
      404,
      `pull access denied for ${reference.split(":")[0]}, repository does not exist or may require 'docker login': ` +
        "denied: requested access to the resource is denied",
    ),
  "no registry": (reference) => {
    const host = hostOf(reference);
    return new HttpRefusal(500, `Get "https://${host}/v2/": dial tcp ${host}: connect: connection refused`);
  },
  "server error": (reference) =>
    new HttpRefusal(500, `Get "https://${hostOf(reference)}/v2/": net/http: TLS handshake timeout`),
  "rate limited": () =>
    new HttpRefusal(
      500,
      "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating",
    ),
};

function deniedTo(
  { world }: Machine,
  reference: string,
  headers: NodeJS.Dict<string | string[]>,
): PullFailure | undefined {
  const registry = world.registries.get(hostOf(reference));
  if (registry === undefined) return undefined;
  const header = headers["x-registry-auth"];
  if (typeof header !== "string") return "denied";
  const given = JSON.parse(Buffer.from(header, "base64url").toString("utf8")) as Partial<typeof registry>;
  return given.username === registry.username && given.password === registry.password ? undefined : "denied";
}

/** `quay.io/a/b:c` → `quay.io`; a first part without dot, colon or "localhost" belongs to Docker Hub. */
function hostOf(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "docker.io";
}

const withTag = (reference: string): string =>
  reference.split("/").at(-1)?.includes(":") === true ? reference : `${reference}:latest`;

const listed = (machine: Machine): Answer => ({
  status: 200,
  body: [...machine.images.values()].map(({ id, reference, sizeBytes, pulledAt }) => ({
    Id: id,
    RepoTags: [reference],
    RepoDigests: [digestOf({ id, reference })],
    Created: Math.floor(pulledAt / 1000),
    Size: sizeBytes,
  })),
});

const digestOf = ({ id, reference }: Pick<Image, "id" | "reference">): string =>
  `${reference.replace(/:[^:/]*$/, "")}@${id}`;

function inspect({ machine, params: [reference = ""] }: EngineCall): Answer {
  const byId = () => [...machine.images.values()].find(({ id }) => id === reference);
  const image = machine.images.get(withTag(reference)) ?? machine.images.get(reference) ?? byId();
  if (image === undefined) throw noSuchImage(reference);
  const config = machine.world.imageConfig(image.reference);
  return {
    status: 200,
    body: {
      Id: image.id,
      RepoTags: [image.reference],
      RepoDigests: [digestOf(image)],
      Size: image.sizeBytes,
      Config: config,
    },
  };
}

function remove({ machine, params: [reference = ""] }: EngineCall): Answer {
  const image = machine.images.get(withTag(reference));
  if (image === undefined) throw noSuchImage(reference);
  machine.images.delete(image.reference);
  machine.disk.reserve(-image.sizeBytes, "");
  return { status: 200, body: [{ Untagged: image.reference }, { Deleted: image.id }] };
}
