import { listed, onEachMachine } from "../check.ts";

/** Says what could not be found out, so that silence is not taken for health. */
export const unknownFacts = onEachMachine(({ seen }) => {
  const { unknown = [] } = seen.machine;
  if (unknown.length === 0) return [];
  return [
    {
      severity: "warning",
      reason: `nothing is known of its ${listed(unknown)}, so nothing was checked there`,
      hint: "Let the SSH user run commands (sh, df, ip, ss), or look for yourself",
    },
  ];
});
