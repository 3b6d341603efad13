import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // By itself vitest leaves one processor free, which is half of those that the gate has.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          setupFiles: ["test/support/fixed-seed.ts"],
          // Decisions keep nothing from file to file: modules are loaded once, and not by each of hundreds of files.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        test: { name: "golden", include: ["test/golden/**/*.test.ts"], isolate: false, testTimeout: 30_000 },
      },
      {
        test: {
          name: "runs",
          include: ["test/runs/**/*.test.ts"],
          exclude: ["test/runs/crash-*"],
          testTimeout: 120_000,
        },
      },
      { test: { name: "crashes", include: ["test/runs/crash-*.test.ts"], testTimeout: 600_000 } },
      { test: { name: "host", include: ["test/host/**/*.test.ts"], isolate: false, testTimeout: 120_000 } },
      {
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          globalSetup: ["test/engine/global-setup.ts"],
          // Each waits most of the time for processes that the engine starts; a group of its own may have its own number.
          maxWorkers: 3,
          // No file shares Pulumi's library with another, nor do tests of a file run at once: where they did, a program lost the engine.
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/lab/*.test.ts"],
          globalSetup: ["test/lab/global-setup.ts"],
          // All files have the same machines.
          maxWorkers: 1,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          bail: 1,
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          provide: { world: "simulated", certificates: [] },
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "contract-lab",
          include: ["test/contract/**/*.test.ts"],
          provide: { world: "real" },
          globalSetup: ["test/contract/real-setup.ts"],
          // All files share the machines.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "lab-e2e",
          include: ["test/lab/e2e/*.test.ts"],
          globalSetup: ["test/lab/global-setup.ts"],
          // All of them use the same machines.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          testTimeout: 1_200_000,
          hookTimeout: 600_000,
        },
      },
      { test: { name: "docs", include: ["test/docs/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "cli", include: ["test/cli/**/*.test.ts"], testTimeout: 60_000 } },
    ],
  },
});
