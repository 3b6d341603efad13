/** What a command may touch. */
export interface Io {
  /** The bytes of a file; `-` is the standard input. */
  readonly read: (file: string) => Uint8Array;
  /** Writes a file for its owner only, and never over another one. */
  readonly write: (file: string, text: string) => void;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly now: () => Date;
}

/** 0: all is well. 1: the input is not. 2: the command line is not. */
export type ExitCode = 0 | 1 | 2;
