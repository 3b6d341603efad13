import type { AddonContext } from "./addon-context.ts";
import type { Manifest } from "./manifest.ts";
import { clusterRole, clusterRoleBinding, role, roleBinding, rule, serviceAccount } from "./rbac.ts";
import { daemonSet, env, hostPath, isNotWindows, mount, requiredNodes, type Toleration } from "./workload.ts";

const namespace = "kube-system";
const name = "weave-net";
const labels = { name };

/** Weave Net, which no release has from Kubernetes 1.30 on. */
export function weave({ config: cluster, hasRbac }: AddonContext): readonly Manifest[] {
  const { network, services, systemImages: images } = cluster;
  const { options } = network;
  const xtablesLock = mount("xtables-lock", "/run/xtables.lock", { readOnly: false });
  return [
    serviceAccount({ name, namespace, labels }),
    ...(hasRbac
      ? [
          clusterRole({ name, labels }, [
            rule("", "pods namespaces nodes", "get list watch"),
            rule("networking.k8s.io", "networkpolicies", "get list watch"),
            rule("", "nodes/status", "patch update"),
          ]),
          clusterRoleBinding({ name, labels }, { name, namespace }),
          role({ name, namespace, labels }, [
            rule("", "configmaps", "get update", [name]),
            rule("", "configmaps", "create"),
          ]),
          roleBinding({ name, namespace, labels }, { name, namespace }),
        ]
      : []),
    daemonSet(
      { name, namespace, labels },
      {
        selector: labels,
        strategy: network.updateStrategy,
        spec: { minReadySeconds: 5 },
        // They mean nothing any more; without them every pod would be replaced when a cluster is taken over.
        podAnnotations: {
          "scheduler.alpha.kubernetes.io/critical-pod": "",
          "scheduler.alpha.kubernetes.io/tolerations":
            '[{"key":"dedicated","operator":"Equal","value":"master","effect":"NoSchedule"}]',
        },
        pod: {
          affinity: requiredNodes(isNotWindows),
          nodeSelector: network.nodeSelector,
          priorityClassName: options.weave_net_priority_class_name || undefined,
          initContainers: [
            {
              name: "weave-init",
              image: images.weaveNode,
              command: ["/home/weave/init.sh"],
              ...privileged,
              volumeMounts: [
                mount("cni-bin", "/host/opt"),
                mount("cni-bin2", "/host/home"),
                mount("cni-conf", "/host/etc"),
                mount("lib-modules", "/lib/modules"),
                xtablesLock,
              ],
            },
          ],
          containers: [
            {
              name: "weave",
              image: images.weaveNode,
              command: ["/home/weave/launch.sh"],
              env: [
                env("INIT_CONTAINER", "true"),
                hostname,
                env("IPALLOC_RANGE", services.kubeController.clusterCidr),
                ...(options.WeavePassword ? [env("WEAVE_PASSWORD", options.WeavePassword)] : []),
                ...(network.mtu ? [env("WEAVE_MTU", String(network.mtu))] : []),
              ],
              readinessProbe: { httpGet: { host: "127.0.0.1", path: "/status", port: 6784 }, initialDelaySeconds: 30 },
              resources: { requests: { cpu: "50m" } },
              ...privileged,
              volumeMounts: [
                mount("weavedb", "/weavedb"),
                mount("dbus", "/host/var/lib/dbus", { readOnly: true }),
                mount("cni-machine-id", "/host/etc/machine-id", { readOnly: true }),
                xtablesLock,
              ],
            },
            {
              name: "weave-npc",
              image: images.weaveCni,
              env: [hostname],
              resources: { requests: { cpu: "50m" } },
              ...privileged,
              volumeMounts: [mount("xtables-lock", "/run/xtables.lock")],
            },
            {
              name: "weave-plugins",
              image: images.alpine,
              command: ["/opt/rke-tools/weave-plugins-cni.sh"],
              ...privileged,
              volumeMounts: [mount("cni-bin", "/opt")],
            },
          ],
          dnsPolicy: "ClusterFirstWithHostNet",
          hostNetwork: true,
          hostPID: false,
          restartPolicy: "Always",
          securityContext: { seLinuxOptions: {} },
          serviceAccountName: name,
          tolerations,
          volumes: [
            hostPath("weavedb", "/var/lib/weave"),
            hostPath("cni-bin", "/opt"),
            hostPath("cni-bin2", "/home"),
            hostPath("cni-conf", "/etc"),
            hostPath("cni-machine-id", "/etc/machine-id"),
            hostPath("dbus", "/var/lib/dbus"),
            hostPath("lib-modules", "/lib/modules"),
            hostPath("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
          ],
        },
      },
    ),
  ];
}

const privileged = { securityContext: { privileged: true } };

const hostname = { name: "HOSTNAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "spec.nodeName" } } };

const tolerations: readonly Toleration[] = [
  { effect: "NoSchedule", operator: "Exists" },
  { effect: "NoExecute", operator: "Exists" },
];
