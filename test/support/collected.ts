import type { Io } from "../../provider/cli/io.ts";
import type { runCli } from "../../provider/cli/run.ts";

/** Runs a command line, and keeps what it prints. */
export async function collected(run: typeof runCli, args: readonly string[], io: Omit<Io, "out" | "err">) {
  const written = { out: "", err: "" };
  const code = await run(args, {
    ...io,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
  });
  return { code, ...written };
}
