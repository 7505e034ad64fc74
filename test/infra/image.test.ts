import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { entryOf, programNames } from "../../infra/workers.ts";
import { nodeFlags } from "../../workers/gavel/start/children.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

const IMPORT = /^(?:import|export) (type )?[^;]*?from "([^"]+)"|import\("([^"]+)"\)/gm;

/** What a module imports as it runs, types left out. */
function importsOf(path: string): readonly string[] {
  return [...read(path).matchAll(IMPORT)].flatMap(([, type, named, called]) => {
    const specifier = named ?? called ?? "";
    return type !== undefined || specifier.startsWith("node:") ? [] : [specifier];
  });
}

/** The packages that a program loads, from its entry on. */
function packagesOf(path: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(path)) return packages;
  seen.add(path);
  for (const specifier of importsOf(path)) {
    const found = specifier.startsWith(".")
      ? packagesOf(join(path, "..", specifier), seen)
      : [/^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? ""];
    for (const name of found) packages.add(name);
  }
  return packages;
}

test("the image runs programs with the flags that the local system runs them with", () => {
  const entry = /^ENTRYPOINT (.+)$/m.exec(read("infra/Dockerfile"))?.[1] ?? "";
  expect(JSON.parse(entry)).toEqual(["node", ...nodeFlags]);
});

test("the image installs every package that its programs load, and copies every folder", () => {
  const { dependencies } = JSON.parse(read("package.json"));
  const dockerfile = read("infra/Dockerfile");
  expect(dockerfile).toMatch(/npm ci --omit=dev/);
  expect(dockerfile).toMatch(/^USER node$/m);
  for (const program of programNames) {
    const loaded = [...packagesOf(entryOf(program))];
    expect(loaded.length).toBeGreaterThan(2);
    expect([program, loaded.filter((name) => !(name in dependencies))]).toEqual([program, []]);
  }
  const folders = [...dockerfile.matchAll(/^COPY (\w+) \1$/gm)].map(([, folder = ""]) => folder);
  const tracked = execFileSync("git", ["ls-files", "-co", ...folders], {
    cwd: root,
    encoding: "utf8",
  });
  for (const program of programNames) expect(tracked.split("\n")).toContain(entryOf(program));
});
