import { objectPlaces, type PlaceOf } from "../desired/addons/object-places.ts";
import type { Context } from "../execute/context.ts";
import { withDeadline } from "../execute/deadline.ts";
import { retry } from "../execute/retry.ts";
import { apiPatienceMs } from "./kube-node.ts";

/** Finds out where objects stand, by asking whatever API server answers. */
export const objectPaths = (context: Context): PlaceOf =>
  objectPlaces((apiVersion) => {
    const doing = `ask for the kinds of ${apiVersion}`;
    const attempt = async () => {
      const signal = withDeadline(context.signal, apiPatienceMs, doing);
      return (await context.kube()).resources(apiVersion, { signal });
    };
    return retry(doing, attempt, { context, attempts: 6 });
  });
