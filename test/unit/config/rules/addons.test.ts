import { describe, expect, it } from "vitest";

import { accepts, findings, refuses, warns } from "../../../support/findings.ts";

describe("addonRules()", () => {
  const object = "apiVersion: v1\nkind: Namespace\n";

  it("refuses a text that is not YAML, with its line and without its words", () => {
    const { failures } = findings({ addons: `${object}---\n${object}data: "hunter2\n` });

    expect(failures).toEqual([expect.stringMatching(/^addons: Line \d+ of the text is not valid YAML\. [^"]*$/)]);
  });

  it("refuses a document that is no Kubernetes object", () => {
    refuses(
      { addons: `${object}---\nfoo: bar\n` },
      "addons: The document in line 4 of the text is not a Kubernetes object",
    );
  });

  it("warns of a file without a name", () => {
    warns({ addonsInclude: ["a.yaml", ""] }, "addonsInclude[1]: The name is empty");
  });

  it.each([{ addons: "" }, { addons: `---\n${object}---\n---\n# nothing\n` }, { addonsInclude: ["https://x/y.yaml"] }])(
    "accepts %j",
    accepts,
  );
});
