import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseState } from "../../emulator/spanner/database-state.ts";
import { printSchema } from "../../emulator/spanner/schema/print-ddl.ts";
import {
  type DatabaseName,
  readMigrations,
  statementsOf,
} from "../../shared/schema/read-migrations.ts";

export const DATABASES: readonly DatabaseName[] = ["counts", "ledger"];

const schemaFolder = join(import.meta.dirname, "../../shared/schema");
export const recordFile = join(schemaFolder, "migrations.sha256");

/** Where a database's whole schema stands as its migrations leave it. */
export function currentSchemaFile(database: DatabaseName): string {
  return join(schemaFolder, "current", `${database}.sql`);
}

/** The schema that a database's migrations come to, each applied on its own after the one before. */
export function migratedSchema(database: DatabaseName): string {
  const state = new DatabaseState();
  let nowMs = Date.UTC(2026, 0, 1);
  for (const script of readMigrations(database).values()) {
    state.applyDdl(statementsOf(script), nowMs++);
  }
  return printed(state);
}

/** The schema that one script comes to, applied at once. */
export function schemaOf(script: string): string {
  const state = new DatabaseState();
  state.applyDdl(statementsOf(script), Date.UTC(2026, 0, 1));
  return printed(state);
}

function printed(state: DatabaseState): string {
  return printSchema(state.schema)
    .map((statement) => `${statement};\n`)
    .join("\n");
}

/** A line `hash  database/file` a migration, in order, as sha256sum writes and checks them. */
export function migrationHashes(): string[] {
  return DATABASES.flatMap((database) =>
    [...readMigrations(database)].map(([file, text]) => {
      const hash = createHash("sha256").update(text).digest("hex");
      return `${hash}  ${database}/${file}`;
    }),
  );
}

/** The lines of the record of migrations. */
export function recordedHashes(): string[] {
  return readFileSync(recordFile, "utf8")
    .split("\n")
    .filter((line) => line !== "");
}

/** Recorded migrations that are gone or differ: what runs somewhere cannot be changed, only added to. */
export function changedMigrations(recorded: readonly string[], found: readonly string[]): string[] {
  return recorded.filter((line) => !found.includes(line)).map((line) => line.slice(66));
}
