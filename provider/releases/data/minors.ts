// Made by test/support/import-kdm.mjs.
import type { MinorData } from "../schema.ts";

export const minors: Readonly<Record<string, () => MinorData>> = {
  "v1.9": () => require("./v1.9.json") as typeof import("./v1.9.json"),
  "v1.10": () => require("./v1.10.json") as typeof import("./v1.10.json"),
  "v1.11": () => require("./v1.11.json") as typeof import("./v1.11.json"),
  "v1.12": () => require("./v1.12.json") as typeof import("./v1.12.json"),
  "v1.13": () => require("./v1.13.json") as typeof import("./v1.13.json"),
  "v1.14": () => require("./v1.14.json") as typeof import("./v1.14.json"),
  "v1.15": () => require("./v1.15.json") as typeof import("./v1.15.json"),
  "v1.16": () => require("./v1.16.json") as typeof import("./v1.16.json"),
  "v1.17": () => require("./v1.17.json") as typeof import("./v1.17.json"),
  "v1.18": () => require("./v1.18.json") as typeof import("./v1.18.json"),
  "v1.19": () => require("./v1.19.json") as typeof import("./v1.19.json"),
  "v1.20": () => require("./v1.20.json") as typeof import("./v1.20.json"),
  "v1.21": () => require("./v1.21.json") as typeof import("./v1.21.json"),
  "v1.22": () => require("./v1.22.json") as typeof import("./v1.22.json"),
  "v1.23": () => require("./v1.23.json") as typeof import("./v1.23.json"),
  "v1.24": () => require("./v1.24.json") as typeof import("./v1.24.json"),
  "v1.25": () => require("./v1.25.json") as typeof import("./v1.25.json"),
  "v1.26": () => require("./v1.26.json") as typeof import("./v1.26.json"),
  "v1.27": () => require("./v1.27.json") as typeof import("./v1.27.json"),
  "v1.28": () => require("./v1.28.json") as typeof import("./v1.28.json"),
  "v1.29": () => require("./v1.29.json") as typeof import("./v1.29.json"),
  "v1.30": () => require("./v1.30.json") as typeof import("./v1.30.json"),
  "v1.31": () => require("./v1.31.json") as typeof import("./v1.31.json"),
  "v1.32": () => require("./v1.32.json") as typeof import("./v1.32.json"),
};
