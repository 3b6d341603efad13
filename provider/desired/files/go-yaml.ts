import { dump, SCALAR_STYLE, visit, YAML11_SCHEMA } from "js-yaml";

/**
 * Writes YAML byte for byte as RKE does, whose containers carry checksums of it: keys sorted, lists not indented, no
 * line folded, double quotes where a plain word would be read as something else, single quotes where it is no plain word.
 */
export function goYaml(value: unknown): string {
  return dump(value, {
    schema: YAML11_SCHEMA,
    sortKeys: true,
    seqNoIndent: true,
    noRefs: true,
    lineWidth: -1,
    quoteStyle: "single",
    transform: (documents) =>
      visit(documents, (node) => {
        if (node.kind === "scalar" && node.tag === stringTag && looksLikeOther(node.value)) {
          node.style = SCALAR_STYLE.DOUBLE_QUOTED;
        }
      }),
  });
}

const stringTag = "tag:yaml.org,2002:str";

/** Whether YAML 1.1, as Go reads it, takes the plain word for a flag, a number, a time, nothing or a merge. */
const looksLikeOther = (text: string): boolean =>
  text === "" ||
  /^(~|null|Null|NULL|<<|=)$/.test(text) ||
  /^(y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE)$/.test(text) ||
  /^[-+]?(0b[01_]+|0x[\da-fA-F_]+|0o?[0-7_]+|\d[\d_]*)$/.test(text) ||
  /^[-+]?(\.\d+|\d[\d_]*(\.[\d_]*)?)([eE][-+]?\d+)?$/.test(text) ||
  /^[-+]?(\.inf|\.Inf|\.INF)$|^(\.nan|\.NaN|\.NAN)$/.test(text) ||
  /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/.test(text) ||
  /^\d{4}-\d{1,2}-\d{1,2}([Tt ]|$)/.test(text);
