import { crashTests } from "./crash-anywhere.ts";

crashTests(3, { of: 4 });
