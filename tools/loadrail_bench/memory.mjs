// The whole firmware's memory on MicroPython's 32-bit WebAssembly port; see memory.py.
// node memory.mjs <micropython.mjs> <folder of .mpy files> <what> <heap size> <hours> <cycle in ms>
// what "run":   heap in use after the start, then after each 10 minutes: of the whole controller.
// what "parts": heap of the modules named on standard input, and of the data that they make.
// A piece of virtual time is as long as garbage may wait.
// Prints one JSON line. This port collects garbage only while no Python runs.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [port, lib, what, heap, hours, cycle] = process.argv.slice(2);
const PIECE_MS = 60000;
const { loadMicroPython } = await import(pathToFileURL(port));
const said = [];
const python = await loadMicroPython({
  heapsize: Number(heap),
  linebuffer: true,
  stdout: (line) => said.push(line),
});

function copy(from, to) {
  python.FS.mkdir(to);
  for (const name of readdirSync(from)) {
    const path = join(from, name);
    if (statSync(path).isDirectory()) copy(path, `${to}/${name}`);
    else python.FS.writeFile(`${to}/${name}`, readFileSync(path));
  }
}

function number(expression) {
  python.runPython(`print(${expression})`);
  return Number(said.pop());
}

function collect() {
  // Twice: the first lets go of what the second round of compiling needs.
  for (let i = 0; i < 2; i++) python.runPython("gc.collect()");
}

function inUse() {
  collect();
  return number("gc.mem_alloc()");
}

function go(ms) {
  for (let past = 0; past < ms; past += PIECE_MS) {
    python.runPython(`memory_upy.go(${PIECE_MS})`);
    collect();
  }
}

function run() {
  python.runPython("memory_upy.start()");
  const started = inUse() - empty;
  const used = [];
  for (let k = 0; k < 6 * Number(hours); k++) {
    go(600000);
    used.push(inUse() - empty);
  }
  python.runPython("print(' '.join(memory_upy.own_modules()))");
  const modules = said.pop().split(" ");
  return { started, used, modules, errors: number("len(memory_upy.errors())") };
}

function parts() {
  const names = readFileSync(0, "utf8").trim().split(" ");
  for (const name of names) python.runPython(`import ${name}`);
  const found = { modules: inUse() - empty };
  for (const part of ["settings", "group", "log", "console"]) {
    // Made twice: what the first leaves behind in modules is theirs.
    python.runPython(`memory_upy.make("${part}")\nmemory_upy.kept.clear()`);
    const before = inUse();
    python.runPython(`memory_upy.make("${part}")`);
    found[part] = inUse() - before;
  }
  return found;
}

copy(lib, "/lib");
python.FS.mkdir("/board");
python.runPython("import sys, gc\nsys.path.insert(0, '/lib')\nimport memory_upy");
python.runPython(`memory_upy.prepare(${cycle})`);
const empty = inUse();
const result = what === "parts" ? parts() : run();
result.word_bits = number("32 if sys.maxsize < 1 << 31 else 64");
result.heap = number("gc.mem_alloc() + gc.mem_free()");
if (what !== "parts") {
  result.decisions = number("memory_upy.app.primary.decisions");
  result.answered = number("memory_upy.board.said");
  result.most_a = number("memory_upy.most_a");
}
console.log(JSON.stringify(result));
