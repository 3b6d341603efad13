import type { Path } from "../finding.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

const ecrHost = /^(https:\/\/)?\d{12}\.dkr\.ecr(-fips)?\.[\w-]+\.amazonaws\.com(\.cn)?\/?$/;

/** Registries: how they are named, and which of them count. */
export function* registryRules({ config }: Draft): Generator<Verdict> {
  const last = new Map(config.privateRegistries.map(({ url }, index) => [url || "docker.io", index]));
  const firstDefault = config.privateRegistries.findIndex(({ isDefault }) => isDefault);

  for (const [index, registry] of config.privateRegistries.entries()) {
    const at = (key: string): Path => ["privateRegistries", index, key];
    const url = registry.url || "docker.io";
    const latest = last.get(url);
    if (latest !== undefined && latest > index) {
      const reason = `privateRegistries[${latest}] is ${quoted(url)} too: the last one counts`;
      yield warning(at("url"), reason, [["privateRegistries", latest, "url"]]);
    }
    if (registry.isDefault && index > firstDefault) {
      const reason = `privateRegistries[${firstDefault}] is the default already: the first one counts`;
      yield warning(at("isDefault"), reason, [["privateRegistries", firstDefault, "isDefault"]]);
    }
    if (registry.isDefault && !registry.url) {
      yield warning(
        at("isDefault"),
        "A default registry needs a url: without one, images are taken from where they are published",
      );
    }
    yield* urlRules(registry, at);
    yield* credentialRules(registry, at);
  }
}

type Registry = Draft["config"]["privateRegistries"][number];
type At = (key: string) => Path;

function* urlRules(registry: Registry, at: At): Generator<Verdict> {
  const { url = "", isDefault = false, ecrCredentialPlugin } = registry;
  const plain = url.replace(/^[a-z]+:\/\//i, "").replace(/\/+$/, "");
  if (ecrCredentialPlugin !== undefined && !ecrHost.test(url)) {
    const reason = `${quoted(url)} is not an Amazon ECR: <account>.dkr.ecr.<region>.amazonaws.com is wanted`;
    yield failure(at("url"), reason, [at("ecrCredentialPlugin")]);
  }
  if (/\s/.test(url)) yield failure(at("url"), `${quoted(url)} is not a registry: write host:port, or host:port/path`);
  else if (plain !== url && isDefault) {
    yield failure(at("url"), `${quoted(url)} cannot stand before the name of an image: write ${quoted(plain)}`, [
      at("isDefault"),
    ]);
  } else if (plain !== url && ecrCredentialPlugin === undefined) {
    yield warning(at("url"), `No image begins with ${quoted(url)}: write ${quoted(plain)}`);
  }
}

function* credentialRules(registry: Registry, at: At): Generator<Verdict> {
  const { user = "", password = "", ecrCredentialPlugin: ecr } = registry;
  if (ecr !== undefined && (user !== "" || password !== "")) {
    const reason = "Credentials are given too: they are used, and the plugin is not asked";
    yield warning(at("ecrCredentialPlugin"), reason, [at("user"), at("password")]);
  }
  if (ecr !== undefined && Boolean(ecr.awsAccessKeyId) !== Boolean(ecr.awsSecretAccessKey)) {
    const reason = "Of the access key only one half is given: both or none are wanted";
    yield warning(at("ecrCredentialPlugin"), reason, [at("ecrCredentialPlugin")]);
  }
  if ((user === "") !== (password === "")) {
    const [present, absent] = user === "" ? ["password", "user"] : ["user", "password"];
    yield warning(at(present), `${present} is given without ${absent}`, [at(absent)]);
  }
}
