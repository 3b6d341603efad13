import type { Docker } from "../hosts/docker.ts";
import { splitImage } from "../hosts/image-name.ts";

/** Says which of the wanted images a machine has, in the words in which they were asked for. */
export async function lookForImages(
  docker: Docker,
  wanted: readonly string[],
  { signal }: { signal?: AbortSignal | undefined },
): Promise<string[]> {
  if (wanted.length === 0) return [];
  const images = await docker.images({ signal });
  const here = new Set(
    images.flatMap(({ RepoTags, RepoDigests }) => [...(RepoTags ?? []), ...(RepoDigests ?? [])]).map(plainName),
  );
  return wanted.filter((image) => here.has(plainName(image)));
}

/** One spelling for names that Docker takes for the same. */
function plainName(image: string): string {
  const { name, tag } = splitImage(image);
  const bare = name.replace(/^(index\.)?docker\.io\//, "").replace(/^library\/(?=[^/]+$)/, "");
  return `${bare}${image.includes("@") ? "@" : ":"}${tag}`;
}
