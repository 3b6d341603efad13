// The package by its own name, as programs see it: the sources need no compiled package to be checked.
declare module "pulumi-rke/provider" {
  export const handlers: typeof import("../provider/index.ts").handlers;
}
