/** Loads what the programs named as arguments import, and not the programs themselves, which would begin to run. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { argv, exit, stderr } from "node:process";
import { pathToFileURL } from "node:url";
import { messageOf } from "../../../shared/core/errors.ts";

const root = join(import.meta.dirname, "../../..");

for (const program of argv.slice(2)) {
  const file = join(root, program);
  const { resolve } = createRequire(file);
  for (const name of importsOf(await readFile(file, "utf8"))) {
    try {
      await import(pathToFileURL(resolve(name)).href);
    } catch (error) {
      stderr.write(`${program}: ${name} does not load: ${messageOf(error)}\n`);
      exit(1);
    }
  }
}
// Some libraries keep a process from ending by itself.
exit();

/** The modules and packages, without Node's own, that a source text imports for more than their types. */
function importsOf(source: string): string[] {
  const imports = source.matchAll(/^import (?!type )(?:[^;]*? from )?"([^"]+)";/gm);
  return [...imports].map(([, name = ""]) => name).filter((name) => !name.startsWith("node:"));
}
