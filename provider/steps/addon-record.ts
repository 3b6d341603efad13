import { type AddonRecord, recordIn, recordObject, recordPath } from "../desired/addons/record.ts";
import type { Context } from "../execute/context.ts";
import { withDeadline } from "../execute/deadline.ts";
import { retry } from "../execute/retry.ts";
import { applied } from "./apply-manifest.ts";
import { apiPatienceMs } from "./kube-node.ts";

/** What the cluster remembers of an addon. */
export async function readRecord(addon: string, context: Context): Promise<AddonRecord | undefined> {
  const doing = `read what was deployed of ${addon}`;
  const attempt = async () => {
    const signal = withDeadline(context.signal, apiPatienceMs, doing);
    const kube = await context.kube();
    return recordIn(await kube.request("GET", recordPath(addon), { doing, signal }));
  };
  return retry(doing, attempt, { context, attempts: 6 });
}

export async function writeRecord(record: AddonRecord, context: Context): Promise<void> {
  await applied(recordObject(record), { path: recordPath(record.name), context });
}

export async function deleteRecord(addon: string, context: Context): Promise<void> {
  const doing = `forget ${addon}`;
  const attempt = async () => {
    const signal = withDeadline(context.signal, apiPatienceMs, doing);
    await (await context.kube()).delete(recordPath(addon), { signal });
  };
  await retry(doing, attempt, { context, attempts: 6 });
}
