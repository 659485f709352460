// Runs ast_oracle.py in CPython 3.14, which npm's `pyodide` carries, for syntax newer than the machine's python3.
//
//     npm install --prefix DIR pyodide@314.0.7
//     node tests/ast_oracle_314.mjs DIR FACTS ROOT [options of ast_oracle.py]
//
// The exit code is that of ast_oracle.py.
import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [folder, facts, root, ...options] = process.argv.slice(2);
if (root === undefined) {
  console.error("usage: ast_oracle_314.mjs DIR FACTS ROOT [options]");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const home = join(resolve(folder), "node_modules", "pyodide");
const { loadPyodide } = await import(pathToFileURL(join(home, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: home, stdout: (line) => console.log(line) });
const inside = "/repository/" + basename(resolve(root));
python.FS.mkdirTree(inside);
python.FS.mount(python.FS.filesystems.NODEFS, { root: resolve(root) }, inside);
python.FS.writeFile("/facts.jsonl", readFileSync(facts));
python.FS.writeFile("/ast_oracle.py", readFileSync(join(here, "ast_oracle.py")));
python.globals.set("arguments", python.toPy(["/facts.jsonl", inside, ...options]));
process.exitCode = python.runPython(
  "import sys; sys.path.insert(0, '/'); import ast_oracle; ast_oracle.main(list(arguments))",
);
