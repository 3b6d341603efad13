import type { IngressNginxTraits } from "../../releases/addon-traits.ts";
import type { Labels } from "./manifest.ts";

export const name = "ingress-nginx";
export const namespace = "ingress-nginx";

/** By which the Service and the NetworkPolicy know their pods. */
export const partLabels: Labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": name };

export type Component = "controller" | "admission-webhook";

/** Labels of the objects of a component, and of those that belong to none. */
export const ingressLabels =
  ({ version, hasPartLabels }: IngressNginxTraits) =>
  (component?: Component): Labels => ({
    ...partLabels,
    "app.kubernetes.io/version": version,
    ...(hasPartLabels && { "app.kubernetes.io/part-of": name }),
    ...(component !== undefined && { "app.kubernetes.io/component": component }),
  });
