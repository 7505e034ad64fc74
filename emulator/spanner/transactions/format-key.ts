import type { Cell, Row } from "../values/cell.ts";
import type { KeyPart } from "../values/key-codec.ts";

/** A row's key as the service writes it in messages: `[1,abc]`. */
export function formatKey(parts: readonly KeyPart[], row: Row): string {
  return `[${keyTexts(parts, row).join(",")}]`;
}

export function keyTexts(parts: readonly KeyPart[], row: Row): string[] {
  return parts.map((part) => formatCell(row[part.ordinal] ?? null));
}

function formatCell(cell: Cell): string {
  return cell === null ? "NULL" : String(cell);
}
