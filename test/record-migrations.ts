/**
 * `npm run schema:record`: adds migrations to the record, and writes each database's whole schema as
 * they leave it. Refuses, with 1, where a recorded migration was changed.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  changedMigrations,
  currentSchemaFile,
  DATABASES,
  migratedSchema,
  migrationHashes,
  recordedHashes,
  recordFile,
} from "./support/migration-record.ts";

const hashes = migrationHashes();
const changed = changedMigrations(recordedHashes(), hashes);
for (const file of changed) {
  process.stdout.write(
    `${file} is recorded, so databases may hold it: restore it, add another file.\n`,
  );
}
if (changed.length === 0) {
  writeFileSync(recordFile, hashes.map((line) => `${line}\n`).join(""));
  for (const database of DATABASES) {
    mkdirSync(dirname(currentSchemaFile(database)), { recursive: true });
    writeFileSync(currentSchemaFile(database), migratedSchema(database));
  }
  process.stdout.write(`${hashes.length} migrations recorded\n`);
}
process.exitCode = changed.length === 0 ? 0 : 1;
