import { crashTests } from "./crash-anywhere.ts";

crashTests(2, { of: 4 });
