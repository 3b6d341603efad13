import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { IngressNginxTraits } from "../../releases/addon-traits.ts";
import { name as controller, ingressLabels, namespace, partLabels } from "./ingress-nginx-labels.ts";
import { type Labels, type Manifest, manifest, service } from "./manifest.ts";
import { clusterRole, clusterRoleBinding, role, roleBinding, rule, serviceAccount } from "./rbac.ts";
import { everyTaint, fieldEnv, onLinux, runtimeSeccomp } from "./workload.ts";

const name = "ingress-nginx-admission";
const serviceName = "ingress-nginx-controller-admission";

/** Where the controller takes the questions of the API server. */
export const webhookPort = 8443;

interface Options {
  readonly traits: IngressNginxTraits;
  readonly hasRbac: boolean;
}

/**
 * Has every Ingress looked at before it is taken. One job makes the certificate of the webhook, another hands its CA to
 * the API server; neither is run again once it is done.
 */
export function admissionWebhook(config: ClusterConfig, { traits, hasRbac }: Options): readonly Manifest[] {
  const labels = ingressLabels(traits)("admission-webhook");
  // What were hooks of Helm once are objects like all others here.
  const annotations = traits.hasPartLabels ? undefined : hook("pre-install,pre-upgrade,post-install,post-upgrade");
  const placed = { name, namespace, labels, annotations };
  const account = { name, namespace };
  const automount = traits.hasPartLabels ? { automountServiceAccountToken: true } : {};
  return [
    ...(hasRbac
      ? [
          serviceAccount(placed, automount),
          role(placed, [rule("", "secrets", "get create")]),
          clusterRole({ name, labels, annotations }, [
            rule("admissionregistration.k8s.io", "validatingwebhookconfigurations", "get update"),
          ]),
          roleBinding(placed, account),
          clusterRoleBinding({ name, labels, annotations }, account),
        ]
      : []),
    service(
      { name: serviceName, namespace, labels: ingressLabels(traits)("controller") },
      {
        type: "ClusterIP",
        ports: [{ name: "https-webhook", port: 443, targetPort: "webhook", appProtocol: "https" }],
        selector: { ...partLabels, "app.kubernetes.io/component": "controller" },
      },
    ),
    job(config, traits, {
      account: hasRbac ? name : undefined,
      verb: "create",
      helmHook: "pre-install,pre-upgrade",
      args: [
        "create",
        `--host=${serviceName},${serviceName}.$(POD_NAMESPACE).svc`,
        "--namespace=$(POD_NAMESPACE)",
        `--secret-name=${name}`,
      ],
    }),
    job(config, traits, {
      account: hasRbac ? name : undefined,
      verb: "patch",
      helmHook: "post-install,post-upgrade",
      args: [
        "patch",
        `--webhook-name=${name}`,
        "--namespace=$(POD_NAMESPACE)",
        "--patch-mutating=false",
        `--secret-name=${name}`,
        "--patch-failure-policy=Fail",
      ],
    }),
    manifest(
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
      { name, labels },
      {
        webhooks: [
          {
            name: "validate.nginx.ingress.kubernetes.io",
            matchPolicy: "Equivalent",
            rules: [
              {
                apiGroups: ["networking.k8s.io"],
                apiVersions: ["v1"],
                operations: ["CREATE", "UPDATE"],
                resources: ["ingresses"],
              },
            ],
            failurePolicy: "Fail",
            sideEffects: "None",
            admissionReviewVersions: ["v1"],
            clientConfig: {
              service: {
                namespace,
                name: serviceName,
                path: "/networking/v1/ingresses",
                port: traits.hasPartLabels ? 443 : undefined,
              },
            },
          },
        ],
      },
    ),
    manifest(
      "networking.k8s.io/v1",
      "NetworkPolicy",
      { name, namespace, labels: { ...labels, "app.kubernetes.io/part-of": controller } },
      {
        spec: {
          podSelector: { matchLabels: { ...partLabels, "app.kubernetes.io/component": "admission-webhook" } },
          policyTypes: ["Ingress", "Egress"],
          egress: [{}],
        },
      },
    ),
  ];
}

const hook = (when: string): Labels => ({
  "helm.sh/hook": when,
  "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
});

interface Job {
  readonly account: string | undefined;
  readonly verb: "create" | "patch";
  readonly helmHook: string;
  readonly args: readonly string[];
}

function job(
  { ingress, systemImages }: ClusterConfig,
  traits: IngressNginxTraits,
  { account, verb, helmHook, args }: Job,
): Manifest {
  const labels = ingressLabels(traits)("admission-webhook");
  const jobName = `${name}-${verb}`;
  const annotations = traits.hasPartLabels ? undefined : hook(helmHook);
  const { restrictsJobs } = traits;
  return manifest(
    "batch/v1",
    "Job",
    { name: jobName, namespace, labels, annotations },
    {
      spec: {
        template: {
          metadata: { name: jobName, labels },
          spec: {
            containers: [
              {
                name: verb,
                image: systemImages.ingressWebhook,
                imagePullPolicy: "IfNotPresent",
                args,
                env: [fieldEnv("POD_NAMESPACE", "metadata.namespace")],
                securityContext: { allowPrivilegeEscalation: false, ...(restrictsJobs && unprivileged) },
              },
            ],
            restartPolicy: "OnFailure",
            serviceAccountName: account,
            nodeSelector: { ...onLinux, ...ingress.nodeSelector },
            tolerations: everyTaint,
            securityContext: restrictsJobs ? undefined : { runAsNonRoot: true, runAsUser: 2000 },
          },
        },
      },
    },
  );
}

const unprivileged = {
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsGroup: 65532,
  runAsNonRoot: true,
  runAsUser: 65532,
  ...runtimeSeccomp,
};
