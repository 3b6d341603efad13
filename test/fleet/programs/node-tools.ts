import type { Duplex } from "node:stream";

import type { Listener } from "../network.ts";
import { program, runs } from "../programs.ts";

/** rke-tools' nginx-proxy: port 6443 of every node without an API server leads to the first one that answers. */
const nginxProxy = program("nginx-proxy", runs("nginx-proxy"), (process) => {
  const hosts = (process.env.CP_HOSTS ?? "").split(",").filter(Boolean);
  if (hosts.length === 0) {
    process.log("nginx: [emerg] no servers are inside upstream in /etc/nginx/nginx.conf");
    return 1;
  }
  const upstream = (): Listener | undefined => {
    for (const host of hosts) {
      const dialled = process.machine.world.network.dial(process.machine, host, 6443);
      // A name that leads back to this proxy would go round in circles.
      if (typeof dialled !== "string" && dialled.owner !== process.container.name) return dialled;
    }
    return undefined;
  };
  process.listen(6443, {
    service: () => upstream()?.service?.(),
    accept: (socket: Duplex) => {
      const listener = upstream();
      if (listener === undefined) socket.destroy();
      else listener.accept(socket);
    },
  });
  return undefined;
});

/** rke-tools' cert-deployer: every `KUBE_…` becomes a .pem, every `KUBECFG_…` a .yaml, existing files stay unless forced. */
const certDeployer = program("cert-deployer", runs("cert-deployer"), ({ env, files }) => {
  const folder = env.CRTS_DEPLOY_PATH ?? "/etc/kubernetes/ssl";
  const isForced = env.FORCE_DEPLOY === "true";
  for (const [key, value] of Object.entries(env)) {
    const [, kind] = /^(KUBE|KUBECFG)_/.exec(key) ?? [];
    const path = `${folder}/${key.toLowerCase().replaceAll("_", "-")}.${kind === "KUBE" ? "pem" : "yaml"}`;
    const isKept = files.read(path) !== undefined && !(isForced && kind === "KUBE");
    if (kind !== undefined && !isKept) files.write(path, value, 0o600);
  }
  return 0;
});

/** `nc -kl -p <port> -e echo`: RKE's port listener, which only has to be there. */
const portListener = program(
  "port listener",
  ({ argv }) => argv[0] === "nc" && argv.includes("-kl"),
  () => undefined,
);

/** RKE's cleaner: `sh -c "find <folders> -mindepth 1 -delete"`, the only shell line that the fleet knows. */
const cleaner = program(
  "cleaner",
  ({ argv }) => /^find \S.* -mindepth 1 -delete$/.test(argv.at(-1) ?? ""),
  ({ argv, files }) => {
    const folders = (argv.at(-1) ?? "").split(" ").slice(1, -3);
    for (const path of folders.flatMap((folder) => files.list(folder))) files.remove(path);
    return 0;
  },
);

/** What an image does when nothing is asked of it: a shell without input ends at once. */
const idleShell = program(
  "shell",
  ({ argv }) => argv.length === 0 || (argv.length === 1 && /^(\/bin\/)?(ba)?sh$/.test(argv[0] ?? "")),
  () => 0,
);

export const nodeTools = [nginxProxy, certDeployer, portListener, cleaner, idleShell];
