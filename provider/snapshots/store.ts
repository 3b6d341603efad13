/** An archive that was found in a store. */
export interface StoredArchive {
  readonly sizeBytes: number;
  /** As it was noted when the archive was stored; absent where nobody noted it. */
  readonly sha256?: string | undefined;
  readonly modifiedAt: Date;
}

export interface StoreOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A place outside of the machines that keeps archives of snapshots by their exact file names, `before-upgrade.zip`. Archives
 * may be larger than the memory: they pass through as files and streams.
 */
export interface SnapshotStore {
  /** How the place is called in errors and outputs: `s3://bucket/folder`. */
  readonly place: string;
  /** Fails unless archives can be written here, read and deleted; leaves no file behind. */
  check(options?: StoreOptions): Promise<void>;
  /**
   * Stores a file under a name that is not taken yet, and makes sure that what arrived is what was sent. When the very same
   * file is there already, there is nothing to do: a run that was ended behind this call may repeat it.
   */
  put(name: string, file: string, options: StoreOptions & { readonly sha256: string }): Promise<void>;
  /**
   * Fetches an archive into a file that is not there yet; undefined when there is none of that name. What is not what was
   * stored is an error, where its checksum was noted.
   */
  get(name: string, file: string, options?: StoreOptions): Promise<StoredArchive | undefined>;
  find(name: string, options?: StoreOptions): Promise<StoredArchive | undefined>;
  /** Whatever lies here, newest first: what is an archive shows in its name. */
  list(options?: StoreOptions): Promise<readonly (StoredArchive & { readonly name: string })[]>;
  /** Deletes the archive of exactly that name; one that is not there is no error. */
  remove(name: string, options?: StoreOptions): Promise<void>;
}
