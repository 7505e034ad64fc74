/** A BigQuery column. `mode` is NULLABLE unless said otherwise. */
export interface ColumnSpec {
  readonly name: string;
  readonly type:
    | "STRING"
    | "INT64"
    | "BOOL"
    | "TIMESTAMP"
    | "NUMERIC"
    | "JSON"
    | "BYTES"
    | "FLOAT64";
  readonly mode?: "REQUIRED" | "REPEATED";
  readonly description: string;
}

/** A BigQuery table. A table with `cdc` is written by upserts only, ordered by change sequence number. */
export interface TableSpec {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly ColumnSpec[];
  readonly primaryKey?: readonly string[];
  readonly cdc?: true;
  /** Column of a daily partition. */
  readonly partitionBy?: string;
  readonly clusterBy?: readonly string[];
}

/** A BigQuery view. `queryOf` gives its query; `path` gives a table of ours with its dataset, quoted. */
export interface ViewSpec {
  readonly name: string;
  readonly description: string;
  readonly queryOf: (path: (table: string) => string) => string;
}

export function required(name: string, type: ColumnSpec["type"], description: string): ColumnSpec {
  return { name, type, mode: "REQUIRED", description };
}

export function nullable(name: string, type: ColumnSpec["type"], description: string): ColumnSpec {
  return { name, type, description };
}

export function repeated(name: string, type: ColumnSpec["type"], description: string): ColumnSpec {
  return { name, type, mode: "REPEATED", description };
}
