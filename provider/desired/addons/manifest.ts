/** An object as the API is asked to make it. What is absent is left to the server. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ManifestMeta;
  readonly [key: string]: unknown;
}

interface ManifestMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
}

export type Labels = Readonly<Record<string, string>>;

/** Where an object stands: its name, its namespace if it has one, and what it carries. */
export interface Placed {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly labels?: Labels | undefined;
  readonly annotations?: Labels | undefined;
}

/** One object; what is undefined in it is left out. */
export function manifest(apiVersion: string, kind: string, placed: Placed, content: object = {}): Manifest {
  const { name, namespace, labels, annotations } = placed;
  return clean({ apiVersion, kind, metadata: { name, namespace, labels, annotations }, ...content }) as Manifest;
}

/** JSON as it is sent: without what is undefined. */
export function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, clean(inner)]));
}

export const configMap = (placed: Placed, data?: Labels): Manifest =>
  manifest("v1", "ConfigMap", placed, { data: data !== undefined && Object.keys(data).length > 0 ? data : undefined });

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: "TCP" | "UDP";
  readonly targetPort?: number | string;
  readonly appProtocol?: string;
}

export const service = (
  placed: Placed,
  spec: {
    readonly ports: readonly ServicePort[];
    readonly selector: Labels;
    readonly clusterIP?: string;
    readonly type?: string;
  },
): Manifest => manifest("v1", "Service", placed, { spec });
