import { describe, expect, it } from "vitest";

import { pkiSubject } from "../../provider/desired/pki-subject.ts";
import { describeBundle } from "../../provider/pki/describe.ts";
import { plannedVector } from "../support/planned.ts";
import { type Json, peerCertificates, validVectors } from "../support/vectors.ts";
import { aBundle } from "../unit/pki/world.ts";
import { certificateDifferences } from "./differences.ts";

/** Where RKE puts the admin kubeconfig. We leave that to the person, and write it nowhere. */
const kubeConfigPath = "<dir of cluster.yml>/kube_config_cluster.yml";

describe.each(validVectors)("issueBundle() of %s", (name) => {
  it("issues the certificates that RKE issues", async () => {
    const subject = { ...pkiSubject(plannedVector(name).config), kubeConfigPath };

    const described: Json = describeBundle(await aBundle(subject));

    expect(described).toEqual(adapted(name).certificates);
  });
});

function adapted(name: string): Json {
  const peer = peerCertificates(name);
  for (const { adapt, vectors } of certificateDifferences) if (vectors.includes(name)) adapt(peer);
  return peer;
}
