/** What can happen on a fleet. `by` in {@link FleetEvent} says whether a client asked for it or the world did it. */
export type EventKind =
  | "container created"
  | "container started"
  | "container stopped"
  | "container exited"
  | "container removed"
  | "container renamed"
  | "container touched"
  | "image pulled"
  | "file written"
  | "file removed"
  | "member added"
  | "member promoted"
  | "member removed"
  | "api server ready"
  | "node registered"
  | "node cordoned"
  | "node uncordoned"
  | "node deleted"
  | "pod evicted"
  | "object written"
  | "object deleted"
  | "power off"
  | "power on";

export interface FleetEvent {
  /** Position in the order of everything that happened; starts at 1. */
  readonly number: number;
  readonly at: number;
  readonly node: string;
  readonly kind: EventKind;
  /** Container name, path, member or object, depending on the kind. */
  readonly what: string;
  readonly by: "client" | "world";
}

export type Occurrence = Omit<FleetEvent, "number" | "at" | "by"> & { readonly by?: FleetEvent["by"] };

/** The ordered record of what happened to a fleet; listeners hear each event before the client gets its answer. */
export class Journal {
  readonly events: FleetEvent[] = [];
  readonly #listeners = new Set<(event: FleetEvent) => void>();

  record(occurrence: Occurrence): void {
    const event: FleetEvent = { by: "client", ...occurrence, number: this.events.length + 1, at: performance.now() };
    this.events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** Hears every later event; the function returned stops it. */
  onEvent(listener: (event: FleetEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** `kind what` of each event that fits, in order: the form that tests compare. */
  lines({ node, kind }: { readonly node?: string; readonly kind?: EventKind } = {}): readonly string[] {
    return this.events
      .filter((event) => (node === undefined || event.node === node) && (kind === undefined || event.kind === kind))
      .map((event) => `${node === undefined ? `${event.node}: ` : ""}${event.kind} ${event.what}`);
  }
}
