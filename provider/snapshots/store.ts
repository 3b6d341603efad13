/** An archive that was found in a store. */
export interface StoredArchive {
  readonly sizeBytes: number;
  /** As it was noted when the archive was stored; absent where nobody noted it. */
  readonly sha256?: string | undefined;
  readonly modifiedAt: Date;
}

interface Options {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A place outside of the machines that keeps archives of snapshots by their exact file names. Archives may be larger than
 * the memory: they pass through as files and streams.
 */
export interface SnapshotStore {
  /** How the place is called in errors and outputs: `s3://bucket/folder`. */
  readonly place: string;
  /** Fails unless archives can be written here, read and deleted; leaves nothing behind. */
  check(options?: Options): Promise<void>;
  /** Stores a file under a name that is not taken yet, and makes sure that what arrived is what was sent. */
  put(name: string, file: string, options: Options & { readonly sha256: string }): Promise<void>;
  /** Fetches an archive into a file; undefined when there is none of that name. */
  get(name: string, file: string, options?: Options): Promise<StoredArchive | undefined>;
  find(name: string, options?: Options): Promise<StoredArchive | undefined>;
  /** All archives, newest first. */
  list(options?: Options): Promise<readonly (StoredArchive & { readonly name: string })[]>;
  /** Deletes the archive of exactly that name; one that is not there is no error. */
  remove(name: string, options?: Options): Promise<void>;
}
