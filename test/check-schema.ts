/**
 * `npm run schema:check`: lints the newest revision of the event schema and refuses a revision that
 * breaks readers of the one before it. Prints which field and why; ends with 1 on any finding.
 *
 * Without arguments it checks the revisions in the repository; with one, the revisions in that folder.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FILE = "auction_event.proto";
const LINT = { version: "v2", lint: { use: ["STANDARD"], except: ["PACKAGE_DIRECTORY_MATCH"] } };
/** Pub/Sub checks bytes, so what changes the bytes of a message is a break; so is a lost name. */
const BREAKING = { version: "v2", breaking: { use: ["FILE"] } };
const BUF = join(import.meta.dirname, "../node_modules/@bufbuild/buf/bin/buf");

const folder = process.argv[2] ?? join(import.meta.dirname, "../shared/wire/revisions");
const revisions = readdirSync(folder)
  .filter((name) => /^\d+$/.test(name))
  .toSorted((a, b) => Number(a) - Number(b));
const findings = revisions.flatMap((revision, index) => {
  const path = join(folder, revision);
  const lint = buf("lint", path, ["--config", JSON.stringify(LINT)]);
  const before = revisions[index - 1];
  if (before === undefined) return lint;
  const against = ["--against", join(folder, before), "--config", JSON.stringify(BREAKING)];
  return [...lint, ...buf("breaking", path, against)];
});
const newest = revisions.at(-1);
const current = join(folder, "..", FILE);
if (newest !== undefined && existsSync(current)) {
  const isSame = readFileSync(current, "utf8") === readFileSync(join(folder, newest, FILE), "utf8");
  if (!isSame)
    findings.push(`${FILE} differs from revision ${newest}: add revision ${Number(newest) + 1}.`);
}
for (const finding of findings) process.stdout.write(`${finding}\n`);
process.stdout.write(`${revisions.length} schema revisions, ${findings.length} findings\n`);
process.exitCode = findings.length === 0 && newest !== undefined ? 0 : 1;

/** The findings of one call of buf, a line each. */
function buf(verb: string, path: string, args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUF, verb, path, ...args], {
    encoding: "utf8",
  });
  if (status === 0) return [];
  return `${stdout}${stderr}`.split("\n").filter((line) => line.trim() !== "");
}
