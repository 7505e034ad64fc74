import { readFileSync } from "node:fs";
import {
  changedMigrations,
  currentSchemaFile,
  DATABASES,
  migratedSchema,
  migrationHashes,
  recordedHashes,
  schemaOf,
} from "../../../support/migration-record.ts";

test.each(DATABASES)("%s: migrations step by step come to the current schema", (database) => {
  const current = readFileSync(currentSchemaFile(database), "utf8");
  expect(migratedSchema(database)).toBe(current);
  expect(schemaOf(current)).toBe(current);
});

test("the record holds every migration, and none was changed since", () => {
  expect(changedMigrations(recordedHashes(), migrationHashes())).toEqual([]);
  expect(recordedHashes()).toEqual(migrationHashes());
});

test("a migration that was changed or taken away is named", () => {
  const [first = "", ...rest] = migrationHashes();
  const changed = first.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
  expect(changedMigrations([first, ...rest], [changed, ...rest])).toEqual([first.slice(66)]);
  expect(changedMigrations([first, ...rest], rest)).toEqual([first.slice(66)]);
});
