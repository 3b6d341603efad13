import type { FileView } from "./disk.ts";

/** What lies in a data directory; who has it is this member, whatever the flags say. */
export interface MemberData {
  readonly lineage: string;
  readonly memberId: string;
  readonly name: string;
}

export const dataFile = (dataDir: string): string => `${dataDir}/member/snap/db`;

/** The data of an earlier life; `undefined` in an empty directory. */
export function readData(files: FileView, dataDir: string): MemberData | undefined {
  const content = files.read(dataFile(dataDir));
  return content === undefined ? undefined : (JSON.parse(content.toString("utf8")) as MemberData);
}

export function writeData(files: FileView, dataDir: string, data: MemberData): void {
  files.write(dataFile(dataDir), JSON.stringify(data), 0o600);
}

/** Whether a data directory still belongs to that cluster. */
export const holds = (files: FileView, dataDir: string, lineage: string): boolean =>
  readData(files, dataDir)?.lineage === lineage;
