import type { Translation } from "./translation.ts";

/**
 * The items of ORDER BY. NULL sorts lowest in GoogleSQL, and DuckDB puts it last, so each item says
 * where NULLs go. A bare integer is a position in the select list.
 */
export function readOrderItems(t: Translation): string {
  const items = [readOrderItem(t)];
  while (t.reader.acceptSymbol(",")) items.push(readOrderItem(t));
  return items.join(", ");
}

function readOrderItem(t: Translation): string {
  const { reader } = t;
  const expression = t.expression();
  const isDescending = reader.acceptWord("DESC");
  if (!isDescending) reader.acceptWord("ASC");
  const direction = isDescending ? "DESC" : "ASC";
  const position = expression.literal?.kind === "integer" ? expression.literal.text : undefined;
  return `${position ?? expression.sql} ${direction} NULLS ${readNullsPlace(t, isDescending)}`;
}

function readNullsPlace(t: Translation, isDescending: boolean): "FIRST" | "LAST" {
  if (t.reader.acceptWord("NULLS", "FIRST")) return "FIRST";
  if (t.reader.acceptWord("NULLS", "LAST")) return "LAST";
  return isDescending ? "LAST" : "FIRST";
}

/** `([name] [PARTITION BY ...] [ORDER BY ...] [ROWS|RANGE ...])`. */
export function readWindowSpecification(t: Translation): string {
  const { reader } = t;
  reader.expectSymbol("(");
  const clauses: string[] = [];
  if (reader.isName() && !reader.isWord("ROWS") && !reader.isWord("RANGE")) {
    clauses.push(`"${reader.expectName()}"`);
  }
  if (reader.acceptWord("PARTITION", "BY")) {
    clauses.push(
      `PARTITION BY ${t
        .expressions()
        .map((item) => item.sql)
        .join(", ")}`,
    );
  }
  if (reader.acceptWord("ORDER", "BY")) clauses.push(`ORDER BY ${readOrderItems(t)}`);
  if (reader.isWord("ROWS") || reader.isWord("RANGE")) clauses.push(readFrame(t));
  reader.expectSymbol(")");
  return `(${clauses.join(" ")})`;
}

function readFrame(t: Translation): string {
  const unit = t.reader.take().text.toUpperCase();
  if (!t.reader.acceptWord("BETWEEN")) return `${unit} ${readFrameBound(t)}`;
  const start = readFrameBound(t);
  t.reader.expectWord("AND");
  return `${unit} BETWEEN ${start} AND ${readFrameBound(t)}`;
}

function readFrameBound(t: Translation): string {
  const { reader } = t;
  if (reader.acceptWord("CURRENT", "ROW")) return "CURRENT ROW";
  const amount = reader.acceptWord("UNBOUNDED") ? "UNBOUNDED" : t.expression().sql;
  if (reader.acceptWord("PRECEDING")) return `${amount} PRECEDING`;
  reader.expectWord("FOLLOWING");
  return `${amount} FOLLOWING`;
}
