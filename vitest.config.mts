import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      { test: { name: "golden", include: ["test/golden/**/*.test.ts"], testTimeout: 30_000 } },
      { test: { name: "runs", include: ["test/runs/**/*.test.ts"], testTimeout: 120_000 } },
      { test: { name: "cli", include: ["test/cli/**/*.test.ts"], testTimeout: 60_000 } },
    ],
  },
});
