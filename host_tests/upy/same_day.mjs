// A day of a whole site on MicroPython's 32-bit WebAssembly port; see same_day.py, which it runs.
// node same_day.mjs <micropython.mjs> <lib> <loadrail_site> <same_day.py> <plan.json>
// Prints a line of JSON a part, the bytes in use behind it. Each runPython ends before the next
// begins, and only in between does this port collect garbage: so no call may last too long.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [port, lib, site, script, plan] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(port));
const said = [];
const python = await loadMicroPython({
  heapsize: 64 * 1024 * 1024,
  linebuffer: true,
  stdout: (line) => said.push(line),
});

function copy(from, to) {
  python.FS.mkdir(to);
  for (const name of readdirSync(from)) {
    if (name.endsWith(".py")) {
      python.FS.writeFile(`${to}/${name}`, readFileSync(join(from, name)));
    }
  }
}

python.FS.mkdir("/day");
copy(join(lib, "loadrail"), "/day/loadrail");
copy(join(lib, "loadrail", "meters"), "/day/loadrail/meters");
copy(site, "/day/loadrail_site");
python.FS.writeFile("/day/same_day.py", readFileSync(script));
python.FS.writeFile("/day/plan.json", readFileSync(plan));
python.runPython("import sys, gc, json\nsys.path.insert(0, '/day')\nimport same_day");
python.runPython("day = same_day.Day(json.load(open('/day/plan.json')))");

for (;;) {
  python.runPython("line = json.dumps(day.part())");
  // Twice: the first lets go of what the second round of compiling needs.
  for (let i = 0; i < 2; i++) python.runPython("gc.collect()");
  python.runPython("print(line, gc.mem_alloc())");
  const [line, used] = said.pop().split(/ (?=\d+$)/);
  if (line === "null") break;
  console.log(`${line.slice(0, -1)}, ${used}]`);
}
