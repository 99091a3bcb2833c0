// Counts a group's memory on MicroPython's 32-bit WebAssembly port; see allocations.py.
// node allocations.mjs <micropython.mjs> <folder of lib> <group_upy.py> <blocks> <decisions>
// Prints one JSON line: heap of modules and group, bytes in use after each block, garbage.
// Each runPython ends before the next begins, and only in between does this port collect garbage.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [port, lib, group, blocks, decisions] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(port));
const said = [];
const python = await loadMicroPython({
  heapsize: 4 * 1024 * 1024, // far from full: nothing is collected but when asked
  linebuffer: true,
  stdout: (line) => said.push(line),
});

python.FS.mkdir("/bench");
for (const folder of ["loadrail", "loadrail/meters"]) {
  python.FS.mkdir(`/bench/${folder}`);
  for (const name of readdirSync(join(lib, folder))) {
    if (name.endsWith(".py")) {
      python.FS.writeFile(`/bench/${folder}/${name}`, readFileSync(join(lib, folder, name)));
    }
  }
}
python.FS.writeFile("/bench/group_upy.py", readFileSync(group));
python.runPython("import sys, gc\nsys.path.insert(0, '/bench')");

function number(expression) {
  python.runPython(`print(${expression})`);
  return said.pop();
}

function inUse() {
  // Twice: the first lets go of what the second round of compiling needs.
  for (let i = 0; i < 2; i++) python.runPython("gc.collect()");
  return Number(number("gc.mem_alloc()"));
}

inUse();
const empty = inUse();
python.runPython("import group_upy, loadrail.config, loadrail.core");
const modules = inUse();
python.runPython("group = group_upy.Group()");
const made = inUse();
const run = `group.go(${decisions})`;
// Some rounds of the inputs, by which each list has been as long as it ever gets.
for (let i = 0; i < 4; i++) python.runPython(run);
const used = [inUse()];
for (let i = 0; i < Number(blocks); i++) {
  python.runPython(run);
  used.push(inUse());
}
const spread = number("'%d %d' % group_upy.garbage(group)").split(" ").map(Number);
const result = {
  word_bits: Number(number("32 if sys.maxsize < 1 << 31 else 64")),
  version: number("sys.version"),
  modules: modules - empty,
  group: made - modules,
  used,
  garbage_mean: spread[0],
  garbage_most: spread[1],
  limits_a: Number(number("group.limits_a()")),
  decisions: Number(number("group.primary.decisions")),
};
console.log(JSON.stringify(result));
