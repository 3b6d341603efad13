/** What Kubernetes has against a text as the name of a node; undefined when nothing. */
export function subdomainProblem(name: string): string | undefined {
  if (name.length > 253) return "it is longer than 253 characters";
  return subdomain.test(name)
    ? undefined
    : 'it must consist of lower-case letters, digits, "-" and ".", and begin and end each part with a letter or digit';
}

/** What Kubernetes has against the key of a label, taint or annotation. */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  if (slash >= 0) {
    const problem = subdomainProblem(key.slice(0, slash));
    if (problem !== undefined) return `the part before the "/" is not a DNS name: ${problem}`;
  }
  if (name === "") return "the name is empty";
  if (name.length > 63) return "the name is longer than 63 characters";
  return qualified.test(name) ? undefined : `the name ${allowed}`;
}

/** What Kubernetes has against the value of a label or taint. */
export function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return "it is longer than 63 characters";
  return value === "" || qualified.test(value) ? undefined : `it ${allowed}`;
}

/** Whether Go reads a text as a duration: `72h`, `1h30m`, `500ms`. */
export const isDuration = (text: string): boolean =>
  text.length <= 64 && /^[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(text);

/** Whether a text is a port number. */
export const isPort = (text: string): boolean => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65535;

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualified = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const allowed = 'must consist of letters, digits, "-", "_" and ".", and begin and end with a letter or digit';
