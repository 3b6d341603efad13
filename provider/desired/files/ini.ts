/** A section of an INI file. Nothing, "", 0 and false are left out. */
export interface Section {
  readonly name: string;
  readonly values: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** Writes an INI file as RKE does: the equals signs of a section in one column, an empty line after each section. */
export const ini = (sections: readonly Section[]): string => sections.map(sectionText).join("");

function sectionText({ name, values }: Section): string {
  const given = Object.entries(values).filter(([, value]) => Boolean(value));
  const width = Math.max(0, ...given.map(([key]) => key.length));
  const lines = given.map(([key, value]) => `${key.padEnd(width)} = ${quoted(String(value))}`);
  return [`[${name}]`, ...lines, "", ""].join("\n");
}

function quoted(value: string): string {
  if (/[\n`]/.test(value)) return `"""${value}"""`;
  return value.trim() === value ? value : `"${value}"`;
}
