import { crashTests } from "./crash-anywhere.ts";

crashTests(0, { of: 4 });
