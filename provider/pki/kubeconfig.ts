import { load } from "js-yaml";

import { CERTIFICATE_DIRECTORY } from "./files.ts";
import { KUBE_ADMIN, KUBE_CA } from "./names.ts";

/**
 * The kubeconfig of a component, by file paths. Its server is the node itself: kube-apiserver on a control plane node,
 * nginx-proxy elsewhere.
 */
export function componentKubeconfig(name: string): string {
  return kubeconfig({
    cluster: "local",
    user: `${name}-local`,
    server: "https://127.0.0.1:6443",
    authority: ["certificate-authority", `${CERTIFICATE_DIRECTORY}/${KUBE_CA}.pem`],
    certificate: ["client-certificate", `${CERTIFICATE_DIRECTORY}/${name}.pem`],
    key: ["client-key", `${CERTIFICATE_DIRECTORY}/${name}-key.pem`],
  });
}

/** What the admin kubeconfig holds, all PEM. */
export interface AdminCredentials {
  readonly clusterName: string;
  /** The address of a control plane node; IPv6 without brackets. */
  readonly address: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** The kubeconfig of kube-admin, with everything inside. The text is a secret. */
export function adminKubeconfig({ clusterName, address, ca, certificate, key }: AdminCredentials): string {
  return kubeconfig({
    cluster: clusterName,
    user: `${KUBE_ADMIN}-${clusterName}`,
    server: `https://${address.includes(":") ? `[${address}]` : address}:6443`,
    authority: ["certificate-authority-data", base64(ca)],
    certificate: ["client-certificate-data", base64(certificate)],
    key: ["client-key-data", base64(key)],
  });
}

/** Whether two kubeconfigs mean the same, however they are written. RKE's and ours differ in their white space. */
export function sameKubeconfig(a: string, b: string): boolean {
  const meaning = meaningOf(a);
  return a === b || (meaning !== undefined && meaning === meaningOf(b));
}

interface Parts {
  readonly cluster: string;
  readonly user: string;
  readonly server: string;
  readonly authority: readonly [key: string, value: string];
  readonly certificate: readonly [key: string, value: string];
  readonly key: readonly [key: string, value: string];
}

/** `api-version` within the cluster means nothing to kubectl; RKE writes it. A JSON string is a YAML string. */
function kubeconfig({ cluster, user, server, authority, certificate, key }: Parts): string {
  const entry = ([name, value]: readonly [string, string]) => `${name}: ${JSON.stringify(value)}`;
  return `apiVersion: v1
kind: Config
clusters:
- name: ${JSON.stringify(cluster)}
  cluster:
    api-version: v1
    ${entry(authority)}
    server: ${JSON.stringify(server)}
contexts:
- name: ${JSON.stringify(cluster)}
  context:
    cluster: ${JSON.stringify(cluster)}
    user: ${JSON.stringify(user)}
current-context: ${JSON.stringify(cluster)}
users:
- name: ${JSON.stringify(user)}
  user:
    ${entry(certificate)}
    ${entry(key)}
`;
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

/** Undefined for what is no YAML. The parser's error quotes the text, which is secret, and so goes no further. */
function meaningOf(text: string): string | undefined {
  try {
    return canonical(load(text));
  } catch {
    return undefined;
  }
}

/** JSON with its keys in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
