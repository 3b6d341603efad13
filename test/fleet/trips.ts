export type TripLayer = "ssh" | "docker" | "etcd" | "kube";

/** One request and its answer, as seen by the machine. `endedAt` stays undefined while the answer is under way. */
export interface Trip {
  readonly node: string;
  readonly layer: TripLayer;
  readonly what: string;
  readonly startedAt: number;
  endedAt: number | undefined;
}

/** Counts what crossed the wire, with times, so that critical paths can be computed from outside. */
export class Trips {
  readonly all: Trip[] = [];

  /** Notes the start of a trip; the function returned notes its end. */
  start(node: string, layer: TripLayer, what: string): () => void {
    const trip: Trip = { node, layer, what, startedAt: performance.now(), endedAt: undefined };
    this.all.push(trip);
    return () => {
      trip.endedAt ??= performance.now();
    };
  }

  count({ node, layer }: { readonly node?: string; readonly layer?: TripLayer } = {}): number {
    return this.all.filter(
      (trip) => (node === undefined || trip.node === node) && (layer === undefined || trip.layer === layer),
    ).length;
  }
}
