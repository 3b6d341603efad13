import fc from "fast-check";

// The gate tries the same cases each time, so that a change is to blame when it fails. At a desk each run tries others.
if (process.env.CI !== undefined) fc.configureGlobal({ seed: 20_261_121 });
