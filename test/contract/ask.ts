import type { DockerCall } from "../../provider/hosts/docker-send.ts";

type Query = NonNullable<DockerCall["query"]>;

/** Calls to Docker, for tests that look at its answers. */
export const ask = (path: string, query: Query = {}): DockerCall => ({ method: "GET", path, query });

export const tell = (path: string, { query = {}, body }: { query?: Query; body?: object } = {}): DockerCall => ({
  method: "POST",
  path,
  query,
  body,
});

export const remove = (path: string, query: Query = {}): DockerCall => ({ method: "DELETE", path, query });
