/** A place in the arguments, in their TypeScript names: `["nodes", 1, "role", 0]`. */
export type Path = readonly (string | number)[];

/** Something about the input that stands in the way (failure) or that a person should know (warning). */
export interface Finding {
  readonly path: Path;
  /** What is wrong and what would be right; a sentence without a full stop. */
  readonly reason: string;
}
