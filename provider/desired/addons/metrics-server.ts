import { metricsServerTraits } from "../../releases/addon-traits.ts";
import type { AddonContext } from "./addon-context.ts";
import { type Manifest, manifest, service } from "./manifest.ts";
import { clusterRole, clusterRoleBinding, roleBinding, rule, serviceAccount } from "./rbac.ts";
import { deployment, everyTaint, isNotWindows, isWorker, mount, requiredNodes, runtimeSeccomp } from "./workload.ts";

const namespace = "kube-system";
const name = "metrics-server";
const labels = { "k8s-app": name };
const account = { name, namespace };

/** metrics-server, which `kubectl top` and autoscalers ask. */
export function metricsServer({ config, template, hasRbac }: AddonContext): readonly Manifest[] {
  const { port, dropsCapabilities } = metricsServerTraits(template);
  const { monitoring, systemImages: images } = config;
  return [
    ...(hasRbac ? rights : []),
    service(
      { name, namespace, labels },
      { selector: labels, ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: "https" }] },
    ),
    deployment(
      { name, namespace, labels },
      {
        selector: labels,
        replicas: monitoring.replicas,
        strategy: monitoring.updateStrategy,
        podName: { name },
        pod: {
          affinity: requiredNodes(isNotWindows, isWorker),
          nodeSelector: monitoring.nodeSelector,
          priorityClassName: monitoring.metricsServerPriorityClassName || "system-cluster-critical",
          serviceAccountName: hasRbac ? name : undefined,
          tolerations: monitoring.tolerations ?? everyTaint,
          containers: [
            {
              name,
              image: images.metricsServer,
              imagePullPolicy: "IfNotPresent",
              args: [
                "--cert-dir=/tmp",
                `--secure-port=${port}`,
                "--kubelet-insecure-tls",
                "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
                "--metric-resolution=15s",
                ...Object.entries(monitoring.options ?? {})
                  .toSorted(([a], [b]) => (a < b ? -1 : 1))
                  .map(([flag, value]) => `--${flag}=${value}`),
              ],
              ports: [{ containerPort: port, name: "https", protocol: "TCP" }],
              livenessProbe: probe("/livez"),
              readinessProbe: { ...probe("/readyz"), initialDelaySeconds: 20 },
              resources: { requests: { cpu: "100m", memory: "200Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                ...(dropsCapabilities && { capabilities: { drop: ["ALL"] }, ...runtimeSeccomp }),
                readOnlyRootFilesystem: true,
                runAsNonRoot: true,
                runAsUser: 1000,
              },
              volumeMounts: [mount("tmp-dir", "/tmp")],
            },
          ],
          volumes: [{ name: "tmp-dir", emptyDir: {} }],
        },
      },
    ),
    manifest(
      "apiregistration.k8s.io/v1",
      "APIService",
      { name: "v1beta1.metrics.k8s.io", labels },
      {
        spec: {
          group: "metrics.k8s.io",
          groupPriorityMinimum: 100,
          insecureSkipTLSVerify: true,
          service: { name, namespace },
          version: "v1beta1",
          versionPriority: 100,
        },
      },
    ),
  ];
}

const aggregated = (role: string) => ({ [`rbac.authorization.k8s.io/aggregate-to-${role}`]: "true" });

const rights: readonly Manifest[] = [
  serviceAccount({ ...account, labels }),
  clusterRole(
    {
      name: "system:aggregated-metrics-reader",
      labels: { ...labels, ...aggregated("admin"), ...aggregated("edit"), ...aggregated("view") },
    },
    [rule("metrics.k8s.io", "pods nodes", "get list watch")],
  ),
  clusterRole({ name: "system:metrics-server", labels }, [
    rule("", "nodes/metrics", "get"),
    rule("", "pods nodes", "get list watch"),
  ]),
  roleBinding(
    { name: "metrics-server-auth-reader", namespace, labels },
    account,
    "extension-apiserver-authentication-reader",
  ),
  clusterRoleBinding({ name: "metrics-server:system:auth-delegator", labels }, account, "system:auth-delegator"),
  clusterRoleBinding({ name: "system:metrics-server", labels }, account),
];

const probe = (path: string) => ({
  failureThreshold: 3,
  httpGet: { path, port: "https", scheme: "HTTPS" },
  periodSeconds: 10,
});
