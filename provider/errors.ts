/** What kind of thing went wrong; the only part of an error that code branches on. */
export type ErrorCode =
  | "config"
  | "ssh"
  | "docker"
  | "registry"
  | "etcd"
  | "kube"
  | "timeout"
  | "cancelled"
  | "unsafe"
  | "storage"
  | "state"
  | "internal";

/** The parts of an error message, each kept for callers that want to show them differently. */
export interface ErrorDetail {
  /** The deed, as it reads after "Cannot": `start etcd`. */
  readonly doing: string;
  /** The machine, as name and address: `node-2 (10.0.0.12)`. */
  readonly node?: string;
  /** The answer that was received, quoted, or the fact that stands in the way. */
  readonly because: string;
  /** The next thing a person can do about it. */
  readonly hint?: string;
}

/** The one error of this package: the deed, the machine, the answer and the next move. */
export class RkeError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;
  /** Whether the same call may succeed a moment later: connection resets, 5xx answers, timeouts of a registry. */
  readonly transient: boolean;

  constructor(code: ErrorCode, detail: ErrorDetail, options: { cause?: unknown; transient?: boolean } = {}) {
    super(sentence(detail), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "RkeError";
    this.code = code;
    this.detail = detail;
    this.transient = options.transient ?? false;
  }
}

function sentence({ doing, node, because, hint }: ErrorDetail): string {
  const where = node === undefined ? "" : ` on ${node}`;
  return `Cannot ${doing}${where}: ${because}${hint === undefined ? "" : `\n  ${hint}`}`;
}
