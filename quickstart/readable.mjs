/**
 * Takes what the engine prints when it does not write to a terminal, and leaves out what is said twice: the lines of the
 * provider come once as they happen, under the name of the stack, and once more at the end.
 */
export function readable(write) {
  let rest = "";
  let isRepeating = false;
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (/^Diagnostics:/.test(line)) isRepeating = true;
      if (/^(Outputs|Resources):/.test(line)) isRepeating = false;
      if (isRepeating || /^@ |warning: using pulumi-resource|^ *$/.test(line)) continue;
      write(`${line.replace(/^.* pulumi:pulumi:Stack .*? (?:\(\d+s\) |running )?(?=demo {2})/, "    ")}\n`);
    }
  };
}
