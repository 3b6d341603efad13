import { HttpRefusal } from "./http.ts";

/** A failure as Kubernetes words it: a Status object. */
export function kubeRefusal(code: number, reason: string, message: string, details?: object): HttpRefusal {
  return new HttpRefusal(code, message, statusOf(code, message, { reason, ...(details !== undefined && { details }) }));
}

export const statusOf = (
  code: number,
  message: string,
  { reason, details }: { reason: string; details?: object },
): object => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message,
  reason,
  ...(details !== undefined && { details }),
  code,
});
