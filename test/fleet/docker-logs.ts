import type { Container, LogLine } from "./container.ts";
import { type EngineCall, isTrue } from "./docker-call.ts";
import type { Answer } from "./exchange.ts";

/** Writes a container's log as the engine does: framed by stream, plain with a terminal; `follow` ends with the container. */
export async function streamLogs(container: Container, { query, response }: EngineCall): Promise<Answer> {
  const wanted = { stdout: isTrue(query, "stdout"), stderr: isTrue(query, "stderr") };
  const since = Number(query.get("since") ?? 0) * 1000;
  const lines = container.logs.filter(({ stream, at }) => wanted[stream] && at >= since);
  const tail = query.get("tail") ?? "all";
  const shown = tail === "all" || tail === "" ? lines : lines.slice(Math.max(0, lines.length - Number(tail)));
  const type = container.spec.Tty === true ? "raw-stream" : "multiplexed-stream";
  response.writeHead(200, { "content-type": `application/vnd.docker.${type}` });
  response.flushHeaders();

  let written = container.logs.length;
  const write = (some: readonly LogLine[]): void => {
    for (const line of some) response.write(rendered(line, { tty: container.spec.Tty === true, query }));
  };
  write(shown);
  if (isTrue(query, "follow")) {
    await container.until(() => {
      write(container.logs.slice(written).filter(({ stream }) => wanted[stream]));
      written = container.logs.length;
      return !container.isRunning || container.isRemoved || response.destroyed;
    });
  }
  response.end();
  return "streamed";
}

function rendered({ stream, at, text }: LogLine, { tty, query }: { tty: boolean; query: URLSearchParams }): Buffer {
  const stamp = isTrue(query, "timestamps") ? `${new Date(at).toISOString()} ` : "";
  const line = `${stamp}${text}\n`;
  return tty ? Buffer.from(line.replaceAll("\n", "\r\n")) : frame(stream, line);
}

/** Docker's frame: stream number, three zero bytes, length, bytes. */
export function frame(stream: "stdout" | "stderr", text: string | Buffer): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream === "stdout" ? 1 : 2;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}
