import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import { backupHandler } from "../../provider/resources/backup.ts";
import { accessText } from "../../provider/resources/backup-access.ts";
import type { CheckFailure, Handler, Properties } from "../../provider/resources/handler.ts";
import type { BackupLocation } from "../../provider/state/backup-state.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { aFleet } from "../fleet/fleet.ts";
import { surroundings } from "../unit/resources/surroundings.ts";
import { all, type Roles, registered, Stack } from "./on-fleet.ts";

/** A cluster on a fleet, and backups of it. */
export interface BackedUp {
  readonly fleet: Fleet;
  readonly cluster: Stack;
  /** Inputs of a backup of the cluster as it is now, as the class registers them. */
  inputs(more: Properties): Properties;
}

export async function aBackedUpCluster(roles: readonly Roles[] = [all]): Promise<BackedUp> {
  const fleet = await aFleet({ nodes: roles.length });
  onTestFinished(() => fleet.close());
  const cluster = new Stack();
  const names = roles.map((_, index) => `node-${index + 1}`);
  await cluster.up(registered(fleet, Object.fromEntries(names.map((name, index) => [name, roles[index] ?? all]))));
  return {
    fleet,
    cluster,
    inputs: (more) => ({
      __provider: "text",
      resourceName: "nightly",
      state: "none",
      secrets: {},
      clusterId: cluster.state.clusterId,
      access: accessText(cluster.state),
      ...more,
    }),
  };
}

/** A folder for the length of a test. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-backup-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface BackupOutputs {
  readonly name: string;
  readonly locations: readonly BackupLocation[];
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly revision: number;
  readonly totalKeys: number;
}

let seconds = Date.parse("2026-11-21T08:00:00Z") / 1000;

/** Drives one backup as Pulumi's engine does, and keeps its state. */
export class Backup {
  /** Every look at the clock is a second later: no two snapshots are called the same. */
  readonly world = surroundings({ clock: () => new Date(seconds++ * 1000) });
  readonly #handler: Handler = backupHandler(this.world);
  inputs: Properties = {};
  id = "";
  state: Properties & Partial<BackupOutputs> = {};

  get outputs(): BackupOutputs {
    return this.state as unknown as BackupOutputs;
  }

  async check(news: Properties): Promise<readonly CheckFailure[]> {
    return (await this.#handler.check({ olds: this.inputs, news })).failures;
  }

  async preview(news: Properties): Promise<{ changes: boolean; replaces: readonly string[]; text: string }> {
    const from = this.world.lines.length;
    const inputs = await this.#checked({ ...news, __call: { isPreview: true } });
    const { changes, replaces = [] } = await this.#handler.diff({ id: this.id, olds: this.state, news: inputs });
    return { changes, replaces, text: this.world.lines.slice(from).join("\n") };
  }

  /** As the engine: a replacement is made first, and deletes what it replaces; what an error carries is the state. */
  async up(news: Properties, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const inputs = await this.#checked(news);
    const stop = signal === undefined ? {} : { signal };
    const { id, state } = this;
    try {
      if (id === "") return this.#keep(inputs, await this.#handler.create({ news: inputs, ...stop }));
      const { changes, replaces = [] } = await this.#handler.diff({ id, olds: state, news: inputs });
      if (replaces.length > 0) {
        this.#keep(inputs, await this.#handler.create({ news: inputs, ...stop }));
        await this.#handler.delete({ id, olds: state, ...stop });
      } else if (changes) {
        this.#keep(inputs, { id, ...(await this.#handler.update({ id, olds: state, news: inputs, ...stop })) });
      }
    } catch (error) {
      const { id: kept, properties } = error as { id?: string; properties?: Properties };
      if (kept !== undefined && properties !== undefined) this.#keep(inputs, { id: kept, outs: properties });
      throw error;
    }
  }

  async refresh(): Promise<void> {
    const { id, props } = await this.#handler.read({ id: this.id, olds: this.state });
    this.#keep(this.inputs, { id, outs: props });
  }

  async destroy(): Promise<void> {
    await this.#handler.delete({ id: this.id, olds: this.state });
    this.#keep({}, { id: "", outs: {} });
  }

  /** What has been printed since a line with that number. */
  printed(from = 0): string {
    return this.world.lines.slice(from).join("\n");
  }

  async #checked(news: Properties): Promise<Properties> {
    const { inputs, failures } = await this.#handler.check({ olds: this.inputs, news });
    if (failures.length === 0) return inputs;
    throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
  }

  #keep(inputs: Properties, { id, outs }: { id: string; outs: Properties }): void {
    this.inputs = id === "" ? {} : inputs;
    this.id = id;
    this.state = JSON.parse(JSON.stringify(outs));
  }
}
