/** Variables whose value is, or contains, a credential. */
const secretNames = new Set([
  "S3_ACCESS_KEY",
  "S3_SECRET_KEY",
  "RKE_KUBELET_DOCKER_CONFIG",
  "RKE_NETWORK_CONFIGURATION",
]);

/**
 * A variable as it may be shown: the values of credentials stay hidden, those a person added are taken for credentials
 * by name, and a password within a URL, such as a proxy's, is left out.
 */
export function describedEnv(variable: string): string {
  const [name = ""] = variable.split("=", 1);
  return secretNames.has(name) || secretWords.test(name)
    ? `${name}=[redacted]`
    : variable.replaceAll(/(?<=:\/\/[^/@\s]*:)[^/@\s]+(?=@)/g, "[redacted]");
}

const secretWords = /(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|API_?KEY|ACCESS_KEY|PRIVATE_KEY)/i;
