import type { DuckDBValue } from "@duckdb/node-api";
import { quoteText } from "../sql/quoting.ts";
import { invalid } from "./api-error.ts";
import { readCell } from "./cell.ts";
import { readJsonRow } from "./json-row.ts";
import { canonicalField, type Field } from "./schema.ts";
import { withTemporaryFile } from "./temporary-file.ts";

/** What the rows of a file came to. */
export interface ReadRows {
  readonly rows: readonly DuckDBValue[][];
  /** Rows that do not fit the schema, counted from 1. */
  readonly errors: readonly { readonly row: number; readonly message: string }[];
}

export interface CsvOptions {
  readonly skipLeadingRows?: number | string;
  readonly fieldDelimiter?: string;
  readonly quote?: string;
  readonly nullMarker?: string;
  readonly allowJaggedRows?: boolean;
}

/** Runs DuckDB's own reader of CSV. */
export interface CsvEngine {
  read(sql: string): Promise<DuckDBValue[][]>;
}

export function readJsonRows(
  fields: readonly Field[],
  data: Buffer,
  ignoresUnknown: boolean,
): ReadRows {
  const schema = fields.map(canonicalField);
  const lines = data.toString("utf8").split("\n");
  return collect(
    lines.filter((line) => line.trim() !== ""),
    (line) => readJsonRow(schema, parseLine(line), ignoresUnknown),
  );
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object.fromEntries(Object.entries(Object(JSON.parse(line))));
  } catch (cause) {
    throw new TypeError("Failed to parse JSON: it is not one JSON object on one line", { cause });
  }
}

/** All cells come as texts, and are read by the same rules as those of a streaming insert. */
export async function readCsvRows(
  engine: CsvEngine,
  fields: readonly Field[],
  data: Buffer,
  options: CsvOptions,
): Promise<ReadRows> {
  const schema = fields.map(canonicalField);
  const repeated = schema.find(({ mode, type }) => mode === "REPEATED" || type === "RECORD");
  if (repeated !== undefined) throw invalid(`CSV cannot hold the nested field ${repeated.name}`);
  if (data.length === 0) return { rows: [], errors: [] };
  const names = schema.map(({ name }) => `${quoteText(name)}: 'VARCHAR'`).join(", ");
  const lines = await withTemporaryFile(data, (file) =>
    engine.read(`SELECT * FROM read_csv(${file}, columns = {${names}}, auto_detect = false, header = false,
      skip = ${Number(options.skipLeadingRows ?? 0)}, delim = ${quoteText(delimiterOf(options))},
      quote = ${quoteText(options.quote ?? '"')}, escape = ${quoteText(options.quote ?? '"')},
      nullstr = ${quoteText("\u0001")}, null_padding = ${options.allowJaggedRows === true})`),
  ).catch((error: unknown) => Promise.reject(unreadable(error)));
  return collect(lines, (line) =>
    schema.map((field, at) => readText(field, line[at] ?? null, options.nullMarker ?? "")),
  );
}

function delimiterOf({ fieldDelimiter = "," }: CsvOptions): string {
  return fieldDelimiter === "tab" || fieldDelimiter === "\\t" ? "\t" : fieldDelimiter;
}

/** An empty text is NULL, but of a STRING or BYTES, unless the load names another mark for NULL. */
function readText(field: Field, text: DuckDBValue, nullMarker: string): DuckDBValue {
  const isText = field.type === "STRING" || field.type === "BYTES";
  const isNull = text === null || (text === nullMarker && !(isText && nullMarker === ""));
  if (isNull && field.mode === "REQUIRED") {
    throw new TypeError(`Missing required field: ${field.name}.`);
  }
  return readCell(field, isNull ? null : text);
}

/** A file that DuckDB cannot read, in the service's words. */
export function unreadable(error: unknown): unknown {
  const line = error instanceof Error ? error.message.split("\n").slice(0, 3).join(" ") : "";
  return invalid(`Error while reading data, error message: ${line}`);
}

function collect<Line>(lines: readonly Line[], read: (line: Line) => DuckDBValue[]): ReadRows {
  const rows: DuckDBValue[][] = [];
  const errors: { row: number; message: string }[] = [];
  for (const [index, line] of lines.entries()) {
    try {
      rows.push(read(line));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      errors.push({ row: index + 1, message: error.message });
    }
  }
  return { rows, errors };
}
