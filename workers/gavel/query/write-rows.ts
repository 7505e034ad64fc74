import type { PlainRow, PlainValue } from "./plain-value.ts";

export const ROW_FORMATS = ["table", "json", "csv"] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];

/** Rows as text that ends in a line break: an aligned table, JSON lines, or CSV (RFC 4180). */
export function writeRows(
  rows: readonly PlainRow[],
  columns: readonly string[],
  format: RowFormat,
): string {
  if (format === "json") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const lines = rows.map((row) => columns.map((column) => row[column] ?? null));
  if (format === "csv") {
    return [columns, ...lines].map((line) => `${line.map(csvField).join(",")}\r\n`).join("");
  }
  return writeTable(lines, columns);
}

function csvField(value: PlainValue): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Columns of numbers stand to the right. A line break or control sign in a cell is shown as a space. */
function writeTable(lines: readonly PlainValue[][], columns: readonly string[]): string {
  const texts = lines.map((line) => line.map(cellText));
  const widths = columns.map((column, at) =>
    Math.max(widthOf(column), ...texts.map((line) => widthOf(line[at] ?? ""))),
  );
  const isRight = columns.map((_, at) => {
    const values = lines.map((line) => line[at]).filter((value) => value !== null);
    return values.length > 0 && values.every((value) => isNumber(value));
  });
  const write = (line: readonly string[]): string => {
    const cells = line.map((text, at) => {
      const gap = " ".repeat((widths[at] ?? 0) - widthOf(text));
      return isRight[at] === true ? gap + text : text + gap;
    });
    return `${cells.join("  ").trimEnd()}\n`;
  };
  const rule = widths.map((width) => "-".repeat(width));
  return [columns, rule, ...texts].map(write).join("");
}

function cellText(value: PlainValue): string {
  if (value === null) return "NULL";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would take as a command.
  return String(value).replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
}

function isNumber(value: PlainValue | undefined): boolean {
  return typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
}

function widthOf(text: string): number {
  return [...text].length;
}
