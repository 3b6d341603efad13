import { crashTests } from "./crash-anywhere.ts";

crashTests(1, { of: 4 });
