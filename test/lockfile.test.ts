import { readFileSync } from "node:fs";
import { join } from "node:path";

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
  readonly inBundle?: boolean;
}
type LockEntries = Readonly<Record<string, LockEntry>>;
type AllowScripts = Readonly<Record<string, boolean>>;

const root = join(import.meta.dirname, "..");

/** Every fault of a lockfile's entries, one sentence each. */
function faultsOf(entries: LockEntries, allowScripts: AllowScripts): string[] {
  return Object.entries(entries).flatMap(([path, entry]) => {
    if (path === "" || entry.inBundle === true) return [];
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const faults: string[] = [];
    if (entry.link === true) faults.push(`${path} is a link`);
    if (!/^sha512-/.test(entry.integrity ?? "")) faults.push(`${path} has no sha512 integrity`);
    if (/^(git|http:|file:|ssh)/.test(entry.resolved ?? "")) {
      faults.push(`${path} comes from ${entry.resolved}`);
    }
    const isListed = name in allowScripts || `${name}@${entry.version}` in allowScripts;
    if (entry.hasInstallScript === true && !isListed) {
      faults.push(`${path} has an install script that allowScripts does not list`);
    }
    return faults;
  });
}

test("every locked package has a sha512, a registry source and no unlisted install script", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const { allowScripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
  expect(faultsOf(lock.packages, allowScripts)).toEqual([]);
});

test("every dependency of package.json is pinned to an exact version", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(`${version}`))).toEqual(
    [],
  );
});

test("planted faults are found", () => {
  const sound = { version: "1.0.0", integrity: "sha512-x" };
  const found = faultsOf(
    {
      "": {},
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b": { ...sound, resolved: "git+ssh://somewhere/b.git" },
      "node_modules/c": { ...sound, resolved: "http://somewhere/c.tgz" },
      "node_modules/d": { ...sound, hasInstallScript: true },
      "node_modules/e": { ...sound, hasInstallScript: true },
    },
    { e: false },
  );
  expect(found).toEqual([
    "node_modules/a has no sha512 integrity",
    "node_modules/b comes from git+ssh://somewhere/b.git",
    "node_modules/c comes from http://somewhere/c.tgz",
    "node_modules/d has an install script that allowScripts does not list",
  ]);
});
