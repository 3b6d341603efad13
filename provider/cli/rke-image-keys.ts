import type { SystemImages } from "../config/cluster-config.ts";
import { unwrapped, yamlKey } from "../config/schema/naming.ts";
import { systemImages } from "../config/schema/system-images.ts";

/** Images under the keys they have in cluster.yml. */
export const rkeImageKeys = (images: SystemImages): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(systemImages.shape).map(([key, schema]) => [
      yamlKey(systemImages, key, unwrapped(schema).naming),
      images[key as keyof SystemImages],
    ]),
  );
