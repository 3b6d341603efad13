const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** A length of time as people write it, `90s`, `10m` or `1h30m`, in milliseconds; undefined for what is none. */
export function durationMs(text: string): number | undefined {
  if (!/^(\d+[smh])+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)([smh])/g)].reduce(
    (sum, [, count = "", unit = ""]) => sum + Number(count) * (units[unit] ?? 0),
    0,
  );
}
