/**
 * Rules of the source text itself that Biome has no words for: who may import whom, what the core may
 * not touch, words and files that do not belong. Takes files as data, so that a test can plant a fault.
 */
import { posix } from "node:path";

/** Source text by path from the root, with forward slashes. */
export type Files = ReadonlyMap<string, string>;

/** For each area, the areas its files may import. `vendor` is any package or node: module. */
const allowedImports: Readonly<Record<string, readonly string[]>> = {
  "shared/core": ["shared/core"],
  "shared/wire": ["shared/core", "shared/wire"],
  "shared/io": [
    "shared/core",
    "shared/wire",
    "shared/io",
    "shared/schema",
    "shared/names.ts",
    "vendor",
  ],
  "shared/schema": ["shared/schema", "shared/names.ts", "vendor"],
  "shared/names.ts": [],
  emulator: [
    "shared/core/assert.ts",
    "shared/core/time.ts",
    "shared/names.ts",
    "emulator",
    "vendor",
  ],
  infra: ["shared/names.ts", "shared/schema", "infra", "vendor"],
  workers: [
    "shared/core",
    "shared/wire",
    "shared/io",
    "shared/schema",
    "shared/names.ts",
    "self",
    "vendor",
  ],
};

const MARKDOWN =
  /^(README\.md|shared\/SPEC\.md|infra\/README\.md|emulator\/([a-z]+\/)?README\.md)$/;
const JUNK_DRAWER = /(^|\/)(utils?|helpers?|common|misc|types)(\.ts|\/)/;
/** The core knows no clock, no chance, no environment; type stripping would let a slip through. */
const IMPURE =
  /\bDate\b|\bMath\.random\b|\brandomUUID\b|\bsetTimeout\b|\bsetInterval\b|\bprocess\./;
const HISTORY =
  /\b(TODO|FIXME|XXX|HACK|for now|no longer|used to be|as requested|previously|refactored|new implementation|improved version|legacy code|will be added|coming soon|not yet implemented|in a future)\b/i;
const BARREL = /^export (\*|\{[^}]*\}) from /m;

/** Every breach of the rules, one sentence each with the file it stands in; empty where all hold. */
export function violationsOf(files: Files): string[] {
  return [
    ...[...files].flatMap(([path, source]) => violationsOfFile(path, source)),
    ...cyclesOf(files),
    ...sharedExportNamesOf(files),
  ];
}

function violationsOfFile(path: string, source: string): string[] {
  const found: string[] = [];
  if (path.endsWith(".md") && !MARKDOWN.test(path)) found.push("is a markdown file out of place");
  if (JUNK_DRAWER.test(path)) found.push("is named for nothing in particular");
  const word = HISTORY.exec(source)?.[0];
  if (word !== undefined && !isRuleBook(path)) found.push(`speaks of plans or history: "${word}"`);
  if (!path.endsWith(".ts")) return found.map((fault) => `${path} ${fault}`);
  if (BARREL.test(source)) found.push("exports again what another file exports");
  if (path.startsWith("shared/core/")) {
    const impure = IMPURE.exec(withoutComments(source))?.[0];
    if (impure !== undefined) found.push(`is core and not pure: ${impure}`);
  }
  for (const specifier of importsOf(source)) {
    if (isForbidden(path, specifier)) found.push(`may not import ${specifier}`);
  }
  return found.map((fault) => `${path} ${fault}`);
}

/** The files that hold the rules have to spell the words that they ban. */
function isRuleBook(path: string): boolean {
  return path === "test/support/architecture.ts" || path === "test/architecture.test.ts";
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}

function importsOf(source: string): string[] {
  const matches = source.matchAll(/\bfrom "([^"]+)"|\bimport\("([^"]+)"\)|^import "([^"]+)"/gm);
  return [...matches].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

function isForbidden(importer: string, specifier: string): boolean {
  const area = areaOf(importer);
  if (area === "test") return false;
  const allowed = allowedImports[area];
  if (allowed === undefined) return true;
  if (!specifier.startsWith(".")) return !allowed.includes("vendor");
  const target = posix.join(posix.dirname(importer), specifier);
  if (areaOf(target) !== "workers")
    return !(allowed.includes(areaOf(target)) || allowed.includes(target));
  return area !== "workers" || target.split("/")[1] !== importer.split("/")[1];
}

function areaOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "shared" ? `${top}/${second}` : top;
}

/** Cycles of imports that are there at run time; a type-only import makes none. */
function cyclesOf(files: Files): string[] {
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === "open") cycles.push(`${[...trail, path].join(" → ")} is a cycle`);
    if (state.has(path)) return;
    state.set(path, "open");
    for (const target of runtimeImportsOf(path, files.get(path) ?? "")) {
      if (files.has(target)) visit(target, [...trail, path]);
    }
    state.set(path, "done");
  };
  for (const path of files.keys()) visit(path, []);
  return cycles;
}

function runtimeImportsOf(path: string, source: string): string[] {
  const runtime = source.replace(/^(import|export) type [\s\S]*? from "[^"]+";$/gm, "");
  return importsOf(runtime)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => posix.join(posix.dirname(path), specifier));
}

/** In shared/, a name is exported from one file: the second is a copy, or wants another name. */
function sharedExportNamesOf(files: Files): string[] {
  const homes = new Map<string, string>();
  const found: string[] = [];
  for (const [path, source] of files) {
    if (!path.startsWith("shared/") || !path.endsWith(".ts")) continue;
    const names = source.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm);
    for (const [, name = ""] of names) {
      const home = homes.get(name);
      if (home !== undefined) found.push(`${path} exports ${name}, as ${home} does`);
      homes.set(name, path);
    }
  }
  return found;
}
