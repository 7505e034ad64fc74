/** Columns of type JSON in the `ledger` database: the client parses them, our row types hold their text. */
const jsonColumns: ReadonlySet<string> = new Set(["posted", "review", "totals", "detail"]);

/**
 * A row that the Spanner client decoded, in the forms of the wire: NUMERIC and JSON as text, TIMESTAMP as
 * RFC 3339. Texts, booleans, numbers and arrays of texts are as they were.
 */
export function wireRowOf(row: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, wireValueOf(name, value)]),
  );
}

function wireValueOf(name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (jsonColumns.has(name)) return JSON.stringify(value);
  if (value instanceof Date) return value.toISOString();
  return "value" in value ? value.value : value;
}
