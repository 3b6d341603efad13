import { RkeError } from "../errors.ts";

/** What the file system of the machine that runs Pulumi answered, in words. */
export function fileError(doing: string, error: unknown): RkeError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const { because = message, hint = undefined } = answers[code] ?? {};
  return new RkeError("storage", { doing, because, ...(hint !== undefined && { hint }) }, { cause: error });
}

const answers: Readonly<Record<string, { readonly because: string; readonly hint?: string }>> = {
  EACCES: { because: "this user may not do that", hint: "Give the user who runs Pulumi the folder" },
  EPERM: { because: "this user may not do that", hint: "Give the user who runs Pulumi the folder" },
  EDQUOT: { because: "the user's share of the disk is used up", hint: "Make room, or choose a folder on another disk" },
  EEXIST: { because: "there is a file of that name" },
  EISDIR: { because: "it is a folder" },
  ENOENT: { because: "there is no such file" },
  ENOSPC: { because: "no space is left on the disk", hint: "Make room, or choose a folder on another disk" },
  ENOTDIR: { because: "a part of its path is no folder" },
  EROFS: { because: "the disk is read-only", hint: "Choose a folder on another disk" },
};

/** Whether it was the disk of this machine that answered, and not the network. */
export function isFileError(error: unknown): boolean {
  const { code = "", syscall = "" } = error as NodeJS.ErrnoException;
  return code in answers && syscall !== "connect";
}

/** Of a file that is not what it should be; `source` is what people call it. */
export function brokenFile(source: string, because: string, cause?: unknown): RkeError {
  return new RkeError(
    "storage",
    {
      doing: `read the snapshot in ${source}`,
      because,
      hint: "Fetch it again from where it is kept, or take another snapshot",
    },
    { cause },
  );
}

/** What the outside world threw, told as an error of ours; what is one already, and a wish to stop, go on as they are. */
export function told(error: unknown, tell: (error: unknown) => RkeError, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  return error instanceof RkeError ? error : tell(error);
}

export const nameTaken = (doing: string): RkeError =>
  new RkeError("storage", {
    doing,
    because: "another snapshot of that name is there, and none is ever replaced",
    hint: "Choose another name; or look at the one that is there, and delete it yourself when nobody needs it",
  });

export const changedOnItsWay = (doing: string): RkeError =>
  new RkeError("storage", {
    doing,
    because: "what arrived is not what was sent: its checksum is another one",
    hint: "Run pulumi up again; when it stays so, look at the disk, the memory and the network in between",
  });

export const notAsStored = (doing: string): RkeError =>
  new RkeError("storage", {
    doing,
    because: "it is not what was stored: its checksum is another one than was noted then",
    hint: "Use a copy of it from another place, or another snapshot",
  });
