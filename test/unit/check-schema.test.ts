import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const revisions = join(root, "shared/wire/revisions");
const newest = readFileSync(join(revisions, "2/auction_event.proto"), "utf8");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gavel-revisions-"));
  cpSync(revisions, folder, { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What schema:check says of the revisions with one more. */
function checkWith(revision: string): { code: number | null; text: string } {
  mkdirSync(join(folder, "3"));
  writeFileSync(join(folder, "3/auction_event.proto"), revision);
  const args = [join(root, "test/check-schema.ts"), folder];
  const { status, stdout } = spawnSync(process.execPath, ["--no-warnings", ...args], {
    encoding: "utf8",
  });
  return { code: status, text: stdout };
}

test("a revision that adds an optional field passes", () => {
  const added = newest.replace(/\}\s*$/, "  // Where it was seen.\n  string placement = 18;\n}\n");
  expect(checkWith(added)).toEqual({ code: 0, text: "3 schema revisions, 0 findings\n" });
});

test.each([
  ["changes a type", newest.replace("int64 price_nanos", "double price_nanos"), "price_nanos"],
  ["takes a field away", newest.replace(/^ {2}string deal_id.*$/m, ""), '"deal_id"'],
  ["renames a field", newest.replace("string segment", "string audience"), "audience"],
  ["gives a field another number", newest.replace("seat = 7", "seat = 27"), '"7"'],
])(
  "a revision that %s is refused, and the field is named",
  (_what, revision, field) => {
    const { code, text } = checkWith(revision);
    expect(text).toContain(field);
    expect(code).toBe(1);
  },
  30_000,
);
