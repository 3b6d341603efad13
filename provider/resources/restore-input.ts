import { z } from "zod";

import { type RestoreRequest, restoreRequest } from "../config/schema/restore-request.ts";
import { hasUnknown, unknownValue } from "../config/unknowns.ts";
import type { CheckFailure, Properties } from "./handler.ts";
import { isMap, mapAt } from "./properties.ts";

/** A snapshot that a program asks for. */
export interface WantedRestore {
  readonly name: string;
  readonly takenAt?: string | undefined;
  readonly revision?: number | undefined;
  readonly storage: RestoreRequest["storage"];
  readonly passphrase: string | undefined;
}

/** The argument `restore`; undefined where there is none, or as long as it is not known. */
export function wantedRestore(inputs: Properties): WantedRestore | undefined {
  const request = requestIn(inputs);
  if (request === undefined || hasUnknown(request)) return undefined;
  const { from, storage, passphrase } = restoreRequest.parse(request);
  return { ...(typeof from === "string" ? { name: from } : from), storage, passphrase };
}

/** What is wrong with the argument `restore`. */
export function restoreFailures(inputs: Properties): CheckFailure[] {
  const request = requestIn(inputs);
  if (request === undefined) return blockFailures(mapAt(inputs, "restore"));
  const parsed = restoreRequest.safeParse(request);
  if (!parsed.success) {
    if (hasUnknown(request)) return [];
    return parsed.error.issues.map(({ path, message }) => {
      return { property: z.core.toDotPath(["restore", ...path]), reason: message };
    });
  }
  const { from, confirm } = parsed.data;
  const name = typeof from === "string" ? from : from.name;
  if (name === unknownValue || confirm === unknownValue) return [];
  return [...nameFailures(name), ...confirmFailures(name, confirm)];
}

/** Whether `restore` is a request to us. Files that `rke` and Rancher write have a block of this name that asks for nothing. */
export const isRestoreRequest = (restore: unknown): restore is Properties =>
  isMap(restore) && ["from", "confirm", "storage", "passphrase"].some((key) => key in restore);

/** Which snapshot inputs ask for, whatever else is wrong with how they do it. */
export function nameOfRestore({ restore }: Properties): unknown {
  if (!isRestoreRequest(restore)) return undefined;
  return isMap(restore.from) ? restore.from.name : restore.from;
}

/** The request as it was written: its secrets are registered apart from it, each by its place. */
function requestIn(inputs: Properties): Properties | undefined {
  const { restore } = inputs;
  if (!isRestoreRequest(restore)) return undefined;
  const secrets = Object.entries(mapAt(inputs, "restoreSecrets"));
  return secrets.reduce<Properties>(
    (request, [place, value]) => withSecret(request, place.split(".").slice(1), value),
    restore,
  );
}

function withSecret(block: Properties, [key = "", ...rest]: readonly string[], value: unknown): Properties {
  if (rest.length === 0) return { ...block, [key]: value };
  const inner = block[key];
  return inner === unknownValue ? block : { ...block, [key]: withSecret(isMap(inner) ? inner : {}, rest, value) };
}

function blockFailures({ restore, snapshotName }: Properties): CheckFailure[] {
  if (restore !== true) return [];
  const name = typeof snapshotName === "string" && snapshotName !== "" ? snapshotName : "NAME";
  const reason = `A restore is asked for in other words here: restore: { from: "${name}", confirm: "${name}" }`;
  return [{ property: "restore.restore", reason }];
}

function nameFailures(name: string): CheckFailure[] {
  if (name.endsWith(".zip")) {
    return [
      { property: "restore.from", reason: `The name of a snapshot is wanted, without .zip: "${name.slice(0, -4)}"` },
    ];
  }
  if (/^[A-Za-z0-9][A-Za-z0-9._:+@=-]{0,199}$/.test(name)) return [];
  return [{ property: "restore.from", reason: `"${name}" cannot be the name of a snapshot` }];
}

function confirmFailures(name: string, confirm: string): CheckFailure[] {
  if (confirm === name) return [];
  const reason =
    `Everything that was written to the cluster after the snapshot "${name}" will be lost. ` +
    `Who wants that writes: confirm: "${name}"`;
  return [{ property: "restore.confirm", reason }];
}
