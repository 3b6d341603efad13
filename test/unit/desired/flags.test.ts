import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { commandLine, mergedFlags } from "../../../provider/desired/flags.ts";

describe("mergedFlags()", () => {
  it("mergedFlags() lets each layer win over those before it", () => {
    const layers = {
      base: { a: "base", b: "base", c: "base", d: "base", e: "base" },
      release: { b: "release", c: "release", d: "release", e: "release" },
      forced: { c: "forced", d: "forced", e: "forced" },
      extra: { d: "extra", e: "extra" },
      last: { e: "last" },
    };

    const flags = mergedFlags(layers);

    expect(flags).toEqual({ a: "base", b: "release", c: "forced", d: "extra", e: "last" });
  });

  it("mergedFlags() takes a flag away whose value in the release is empty", () => {
    const flags = mergedFlags({ base: { a: "1", b: "2" }, release: { a: "" } });

    expect(flags).toEqual({ b: "2" });
  });

  it("mergedFlags() keeps a flag that is empty by itself", () => {
    const flags = mergedFlags({ base: { "cloud-provider": "" }, release: {} });

    expect(flags).toEqual({ "cloud-provider": "" });
  });

  it("mergedFlags() lets a person bring back what the release takes away, also as an empty value", () => {
    const flags = mergedFlags({ base: { a: "1" }, release: { a: "", b: "" }, extra: { a: "2", b: "" } });

    expect(flags).toEqual({ a: "2", b: "" });
  });
});

describe("commandLine()", () => {
  it("commandLine() writes a flag with its value, and with an equals sign where the value is empty", () => {
    const words = commandLine({ base: { "cloud-provider": "", v: "2" }, release: {} });

    expect(words).toEqual(["--cloud-provider=", "--v=2"]);
  });

  it("commandLine() adds repeated flags without replacing the one that is set", () => {
    const words = commandLine({ base: { a: "1" }, release: {}, repeated: { a: ["0", "2"], b: ["3"] } });

    expect(words).toEqual(["--a=1", "--a=0", "--a=2", "--b=3"]);
  });

  it("commandLine() keeps the values of a repeated flag in their order, because the first or last of them counts", () => {
    const issuers = ["https://new.example.com", "https://before.example.com"];

    const words = commandLine({
      base: {},
      release: { "service-account-issuer": "rke" },
      repeated: { "service-account-issuer": issuers },
    });

    expect(words).toEqual(["rke", ...issuers].map((issuer) => `--service-account-issuer=${issuer}`));
  });

  it("commandLine() is the same for every order of the maps", () => {
    const flags = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.string(), { maxKeys: 8 });
    const values = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.array(fc.string(), { maxLength: 3 }));
    const reversed = <T>(map: Record<string, T>) => Object.fromEntries(Object.entries(map).reverse());

    fc.assert(
      fc.property(flags, flags, flags, values, (base, release, extra, repeated) => {
        const words = commandLine({ base, release, extra, repeated });
        const others = commandLine({
          base: reversed(base),
          release: reversed(release),
          extra: reversed(extra),
          repeated: reversed(repeated),
        });
        expect(others).toEqual(words);
      }),
    );
  });
});
