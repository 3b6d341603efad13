// Preloaded into processes that are over after a second or two, of which starting is the larger part. Two libraries, half of what
// @pulumi/pulumi loads, wait until somebody calls them, which is only who turns functions into text; and nothing runs for long enough
// that compiling it once more, to be faster, pays.
import Module from "node:module";
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--no-opt");

const load = Module._load;

/** A class or a module in whose place another can stand until it is wanted. */
const late = (get) =>
  new Proxy(class {}, {
    get: (_, name) => get()[name],
    construct: (_, words) => Reflect.construct(get(), words),
  });

Module._load = (name, ...rest) => {
  const real = () => load(name, ...rest);
  if (name === "typescript") return late(real);
  if (name === "@npmcli/arborist") return { Arborist: late(() => real().Arborist) };
  return real();
};
