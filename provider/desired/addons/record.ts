import { type Manifest, manifest } from "./manifest.ts";
import { type ObjectRef, refLine, refOfLine } from "./object-ref.ts";

/** What was deployed of an addon, as the cluster itself remembers it. */
export interface AddonRecord {
  readonly name: string;
  /** Of the objects that were applied last; empty while they are being applied. */
  readonly digest: string;
  /** Whether its pods were seen to run. */
  readonly isRolledOut: boolean;
  readonly objects: readonly RecordedObject[];
}

export interface RecordedObject extends ObjectRef {
  /** Of what is ours in it; absent until it has been applied. */
  readonly digest?: string | undefined;
}

/** The label of all records; its value is the name of the addon. */
const label = "pulumi-rke/addon";

const namespace = "kube-system";

/** All records at once. */
export const recordsPath = `/api/v1/namespaces/${namespace}/configmaps`;
export const recordsSelector = label;

export const recordPath = (addon: string): string => `${recordsPath}/${recordName(addon)}`;

const recordName = (addon: string): string => `pulumi-rke-addon-${addon}`;

/** The ConfigMap that keeps a record. */
export const recordObject = ({ name, digest, isRolledOut, objects }: AddonRecord): Manifest =>
  manifest(
    "v1",
    "ConfigMap",
    { name: recordName(name), namespace, labels: { [label]: name } },
    {
      data: {
        digest,
        rolledOut: String(isRolledOut),
        objects: objects.map((object) => `${refLine(object)} ${object.digest ?? "-"}\n`).join(""),
      },
    },
  );

/** Reads a ConfigMap of ours; undefined for any other. */
export function recordIn(object: unknown): AddonRecord | undefined {
  const { metadata, data } = (object ?? {}) as { metadata?: { labels?: Texts }; data?: Texts };
  const name = metadata?.labels?.[label];
  if (name === undefined || name === "") return undefined;
  const lines = (data?.objects ?? "").split("\n").filter((line) => line !== "");
  return {
    name,
    digest: data?.digest ?? "",
    isRolledOut: data?.rolledOut === "true",
    objects: lines.map((line) => {
      const digest = line.split(" ").at(-1);
      return { ...refOfLine(line), ...(digest !== undefined && digest !== "-" && { digest }) };
    }),
  };
}

type Texts = Readonly<Record<string, string>>;
