import type { ClusterConfig } from "../../config/cluster-config.ts";
import { type IngressNginxTraits, ingressNginxTraits } from "../../releases/addon-traits.ts";
import { ingressImageTraits } from "../../releases/ingress-image-traits.ts";
import type { AddonContext } from "./addon-context.ts";
import { admissionWebhook, webhookPort } from "./ingress-nginx-admission.ts";
import { ingressLabels, name, namespace, partLabels } from "./ingress-nginx-labels.ts";
import { configMap, type Labels, type Manifest, manifest, service } from "./manifest.ts";
import { clusterRole, clusterRoleBinding, type Rule, role, roleBinding, rule, serviceAccount } from "./rbac.ts";
import {
  daemonSet,
  deployment,
  env,
  everyTaint,
  fieldEnv,
  isNotWindows,
  isWorker,
  mount,
  requiredNodes,
} from "./workload.ts";

/** The nginx ingress controller on every worker, with its admission webhook and, where it is wanted, a default backend. */
export function ingressNginx({ config, template, hasRbac }: AddonContext): readonly Manifest[] {
  const traits = ingressNginxTraits(template);
  const labels = ingressLabels(traits);
  const controller = labels("controller");
  const account = { name, namespace };
  const { ingress } = config;
  return [
    manifest("v1", "Namespace", { name: namespace, labels: { ...partLabels } }),
    ...(hasRbac
      ? [
          serviceAccount({ ...account, labels: controller }, { automountServiceAccountToken: true }),
          role({ ...account, labels: controller }, rulesInside(electionId(ingress))),
          clusterRole({ name, labels: labels() }, rulesOutside(traits)),
          roleBinding({ ...account, labels: controller }, account),
          clusterRoleBinding({ name, labels: labels() }, account),
        ]
      : []),
    configMap({ name: configName, namespace, labels: controller }, ingress.options),
    configMap({ name: "tcp-services", namespace }),
    configMap({ name: "udp-services", namespace }),
    daemonSet(
      { name: "nginx-ingress-controller", namespace, labels: controller },
      {
        selector: { app: name },
        podLabels: { ...partLabels, ...podPart(traits), "app.kubernetes.io/component": "controller" },
        strategy: ingress.updateStrategy,
        spec: { revisionHistoryLimit: 10, minReadySeconds: 0 },
        pod: {
          affinity: requiredNodes(isNotWindows, isWorker),
          nodeSelector: ingress.nodeSelector,
          hostNetwork: ingress.networkMode === "hostNetwork" ? true : undefined,
          dnsPolicy: ingress.dnsPolicy || undefined,
          priorityClassName: ingress.nginxIngressControllerPriorityClassName || undefined,
          serviceAccountName: hasRbac ? name : undefined,
          terminationGracePeriodSeconds: 300,
          tolerations: everyTaint,
          containers: [controllerContainer(config, traits)],
          volumes: [
            { name: "webhook-cert", secret: { secretName: "ingress-nginx-admission" } },
            ...(ingress.extraVolumes ?? []),
          ],
        },
      },
    ),
    ...admissionWebhook(config, { traits, hasRbac }),
    manifest(
      "networking.k8s.io/v1",
      "IngressClass",
      {
        name: "nginx",
        labels: controller,
        annotations: ingress.defaultIngressClass
          ? { "ingressclass.kubernetes.io/is-default-class": "true" }
          : undefined,
      },
      { spec: { controller: "k8s.io/ingress-nginx" } },
    ),
    ...(ingress.defaultBackend ? defaultBackend(config) : []),
  ];
}

const configName = "ingress-nginx-controller";

/** Who serves the default class elects its leader apart from controllers of other classes. */
const electionId = ({ defaultIngressClass }: ClusterConfig["ingress"]): string =>
  `ingress-controller-leader${defaultIngressClass ? "-nginx" : ""}`;

const podPart = ({ hasPartLabels }: IngressNginxTraits) => (hasPartLabels ? { "app.kubernetes.io/part-of": name } : {});

/** Rights within the controller's own namespace. */
const rulesInside = (election: string): readonly Rule[] => [
  rule("", "namespaces", "get"),
  rule("", "configmaps pods secrets endpoints", "get list watch"),
  rule("", "services", "get list watch"),
  rule("networking.k8s.io", "ingresses", "get list watch"),
  rule("networking.k8s.io", "ingresses/status", "update"),
  rule("networking.k8s.io", "ingressclasses", "get list watch"),
  rule("coordination.k8s.io", "leases", "get update", [election]),
  rule("coordination.k8s.io", "leases", "create"),
  rule("", "events", "create patch"),
  rule("discovery.k8s.io", "endpointslices", "list watch get"),
];

const rulesOutside = ({ hasPartLabels }: IngressNginxTraits): readonly Rule[] => [
  rule("", `configmaps endpoints nodes pods secrets${hasPartLabels ? " namespaces" : ""}`, "list watch"),
  rule("coordination.k8s.io", "leases", "list watch"),
  rule("", "nodes", "get"),
  rule("", "services", "get list watch"),
  rule("networking.k8s.io", "ingresses", "get list watch"),
  rule("", "events", "create patch"),
  rule("networking.k8s.io", "ingresses/status", "update"),
  rule("networking.k8s.io", "ingressclasses", "get list watch"),
  rule("discovery.k8s.io", "endpointslices", "list watch get"),
];

function controllerContainer({ ingress, systemImages }: ClusterConfig, { enablesMetrics }: IngressNginxTraits) {
  const image = systemImages.ingress;
  const { watchesIngressWithoutClass } = ingressImageTraits(image);
  const extraArgs: Labels = {
    ...(watchesIngressWithoutClass && { "watch-ingress-without-class": "true" }),
    ...ingress.extraArgs,
  };
  const flags = Object.entries(extraArgs).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    name: "controller",
    image,
    imagePullPolicy: "IfNotPresent",
    lifecycle: { preStop: { exec: { command: ["/wait-shutdown"] } } },
    args: [
      "/nginx-ingress-controller",
      ...(ingress.defaultBackend ? [`--default-backend-service=$(POD_NAMESPACE)/${backend}`] : []),
      `--election-id=${electionId(ingress)}`,
      "--controller-class=k8s.io/ingress-nginx",
      `--configmap=$(POD_NAMESPACE)/${configName}`,
      "--tcp-services-configmap=$(POD_NAMESPACE)/tcp-services",
      "--udp-services-configmap=$(POD_NAMESPACE)/udp-services",
      `--validating-webhook=:${webhookPort}`,
      "--validating-webhook-certificate=/usr/local/certificates/cert",
      "--validating-webhook-key=/usr/local/certificates/key",
      ...(enablesMetrics ? ["--enable-metrics=true"] : []),
      ...flags.map(([flag, value]) => `--${flag}=${value}`),
    ],
    securityContext: {
      capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
      runAsUser: 101,
      allowPrivilegeEscalation: true,
    },
    env: [
      fieldEnv("POD_NAME", "metadata.name"),
      fieldEnv("POD_NAMESPACE", "metadata.namespace"),
      env("LD_PRELOAD", "/usr/local/lib/libmimalloc.so"),
      ...(ingress.extraEnvs ?? []),
    ],
    livenessProbe: { failureThreshold: 5, ...health },
    readinessProbe: { failureThreshold: 3, ...health },
    ports: [
      port("http", { wanted: extraArgs["http-port"], standard: 80, host: ingress.httpPort }, ingress.networkMode),
      port("https", { wanted: extraArgs["https-port"], standard: 443, host: ingress.httpsPort }, ingress.networkMode),
      { name: "webhook", containerPort: webhookPort, protocol: "TCP" },
    ],
    volumeMounts: [
      mount("webhook-cert", "/usr/local/certificates/", { readOnly: true }),
      ...(ingress.extraVolumeMounts ?? []),
    ],
  };
}

/** On the network of the machine a port is what nginx listens on; else a port of the machine may lead to it. */
function port(
  portName: string,
  { wanted, standard, host }: { wanted: string | undefined; standard: number; host: number },
  mode: ClusterConfig["ingress"]["networkMode"],
) {
  const isHostPort = mode === "hostPort";
  const containerPort = isHostPort && wanted !== undefined ? Number(wanted) : standard;
  return { name: portName, containerPort, hostPort: isHostPort ? host : undefined, protocol: "TCP" };
}

const health = {
  httpGet: { path: "/healthz", port: 10254, scheme: "HTTP" },
  initialDelaySeconds: 10,
  periodSeconds: 10,
  successThreshold: 1,
  timeoutSeconds: 1,
};

const backend = "default-http-backend";

/** Answers what no Ingress asks for. */
function defaultBackend({ ingress, systemImages }: ClusterConfig): readonly Manifest[] {
  const labels = { app: backend };
  return [
    deployment(
      { name: backend, namespace, labels },
      {
        selector: labels,
        replicas: 1,
        pod: {
          affinity: requiredNodes(isNotWindows, isWorker),
          priorityClassName: ingress.defaultHttpBackendPriorityClassName || undefined,
          terminationGracePeriodSeconds: 60,
          tolerations: ingress.tolerations ?? everyTaint,
          containers: [
            {
              name: backend,
              image: systemImages.ingressBackend,
              livenessProbe: {
                httpGet: { path: "/healthz", port: 8080, scheme: "HTTP" },
                initialDelaySeconds: 30,
                timeoutSeconds: 5,
              },
              ports: [{ containerPort: 8080 }],
              resources: {
                limits: { cpu: "10m", memory: "20Mi" },
                requests: { cpu: "10m", memory: "20Mi" },
              },
            },
          ],
        },
      },
    ),
    service({ name: backend, namespace, labels }, { ports: [{ port: 80, targetPort: 8080 }], selector: labels }),
  ];
}
