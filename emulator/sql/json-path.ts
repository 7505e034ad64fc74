const step = /\.([A-Za-z_][A-Za-z0-9_]*)|\.?\["([^"]+)"\]|\.?\['([^']+)'\]|\[(\d+)\]|\."([^"]+)"/y;

/**
 * DuckDB's form of a JSONPath as GoogleSQL reads it (`$.a["b c"][0]`), or undefined where it has a
 * step of another kind. Names are quoted, since DuckDB reads `*` and `?` in bare ones as patterns.
 */
export function duckdbJsonPath(path: string): string | undefined {
  if (!path.startsWith("$")) return undefined;
  let duckdb = "$";
  step.lastIndex = 1;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (match === null) return undefined;
    const name = match[1] ?? match[2] ?? match[3] ?? match[5];
    duckdb += name === undefined ? `[${match[4]}]` : `."${name}"`;
  }
  return duckdb;
}
