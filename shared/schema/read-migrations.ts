import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type DatabaseName = "counts" | "ledger";

/** The migrations of a database in order, each file's text by its name. */
export function readMigrations(database: DatabaseName): ReadonlyMap<string, string> {
  const folder = join(import.meta.dirname, database);
  const files = readdirSync(folder).filter((name) => /^\d{4}-.+\.sql$/.test(name));
  return new Map(files.toSorted().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** All DDL statements of a database in order, without comments and closing semicolons. */
export function ddlOf(database: DatabaseName): string[] {
  return [...readMigrations(database).values()].flatMap(statementsOf);
}

/** Cuts a DDL script into statements. No statement of ours holds `--` or `;` inside a string. */
export function statementsOf(script: string): string[] {
  return script
    .replace(/--.*$/gm, "")
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/** The newest revision of the event schema, as Pub/Sub takes it. */
export function readEventSchema(): string {
  return readFileSync(join(import.meta.dirname, "../wire/auction_event.proto"), "utf8");
}
