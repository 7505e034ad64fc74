import { DuckDBInstance } from "@duckdb/node-api";
import { macroStatements, sessionStatements } from "../../../../emulator/sql/macros.ts";
import { translateQuery } from "../../../../emulator/sql/translate.ts";

const rows = `
  CREATE TABLE bids (id BIGINT, auction VARCHAR, seat VARCHAR, price DECIMAL(38,9), seen TIMESTAMPTZ, tags VARCHAR[], attributes JSON);
  INSERT INTO bids VALUES
    (1, 'a1', 's1', 1.5, '2026-03-08 06:30:00+00', ['x','y'], '{"seat":{"id":"s1"},"n":3,"list":[1,"two"]}'),
    (2, 'a1', 's2', 2.25, '2026-03-08 07:30:00+00', ['x'], '{"n":null}'),
    (3, 'a2', 's1', 0.000000001, '2026-03-31 23:59:59.999999+00', [], '{}'),
    (4, 'a2', 's2', NULL, '2026-04-01 00:00:00+00', ['z'], NULL)`;

/** Runs GoogleSQL over four known bids; cells as DuckDB's JSON form, integers as numbers. */
export async function createAnalyst(): Promise<(query: string) => Promise<unknown[][]>> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  for (const statement of [...sessionStatements, ...macroStatements])
    await connection.run(statement);
  await connection.run(rows);
  const resolveTable = (path: readonly string[]) => (path.at(-1) === "bids" ? '"bids"' : undefined);
  return async (query) => {
    const { sql } = translateQuery(query, { dialect: "bigquery", resolveTable });
    const result = await connection.runAndReadAll(sql);
    return result.getRowsJson().map((row) => row.map(plain));
  };
}

function plain(cell: unknown): unknown {
  if (typeof cell === "string" && /^-?\d+$/.test(cell)) return Number(cell);
  if (Array.isArray(cell)) return cell.map(plain);
  if (typeof cell !== "object" || cell === null) return cell;
  return Object.fromEntries(Object.entries(cell).map(([name, value]) => [name, plain(value)]));
}
