import { z } from "zod";

import { assumedDockerFacts, type DockerFacts } from "../desired/docker-facts.ts";
import { RkeError } from "../errors.ts";
import type { Io } from "./io.ts";
import { readText } from "./read-text.ts";

const facts = z
  .strictObject({
    architecture: z.string(),
    dockerRootDir: z.string(),
    operatingSystem: z.string(),
    osType: z.string(),
    securityOptions: z.array(z.string()),
    serverVersion: z.string(),
    cgroupDriver: z.string(),
    cgroupVersion: z.string(),
  })
  .partial();

/** What a person knows of the nodes' engines, by address; `default` stands for those not named. */
export type GivenDockerFacts = Readonly<Record<string, z.infer<typeof facts>>>;

export function readDockerFacts(file: string, io: Pick<Io, "read">): GivenDockerFacts {
  const text = readText(file, io);
  const refuse = (because: string) =>
    new RkeError("config", {
      doing: `read the Docker facts in "${file}"`,
      because,
      hint: 'It should hold facts by address: {"10.0.0.1": {"serverVersion": "27.5.1"}}',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse(`it is no JSON: ${(error as Error).message}`);
  }
  const parsed = z.record(z.string(), facts).safeParse(value);
  if (parsed.success) return parsed.data;
  throw refuse(
    parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path) || "the file"}: ${message}`).join("; "),
  );
}

/** The facts a plan is made for: what was given for the node, then for all nodes, then what is usual. */
export const factsOf =
  (given: GivenDockerFacts) =>
  (address: string): DockerFacts => ({
    ...assumedDockerFacts,
    ...withoutUndefined(given.default),
    ...withoutUndefined(given[address]),
  });

const withoutUndefined = (value: z.infer<typeof facts> = {}): Partial<DockerFacts> =>
  Object.fromEntries(Object.entries(value).filter(([, fact]) => fact !== undefined));
