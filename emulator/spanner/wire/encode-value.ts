import type { ByteWriter } from "../../grpc/byte-writer.ts";
import type { Cell } from "../values/cell.ts";

/** `google.protobuf.Value`: 1 null, 2 number, 3 string, 4 bool, 6 list. */
const VALUE = { null: 1, number: 2, text: 3, bool: 4, list: 6 } as const;
/** Field of `google.protobuf.ListValue`. */
export const LIST_VALUES = 1;
const FIXED64 = 1;

/** Writes a field whose value is a cell as a `google.protobuf.Value`. */
export function writeCell(target: ByteWriter, field: number, cell: Cell): void {
  const start = target.beginField(field);
  if (cell === null) {
    target.byte(VALUE.null * 8);
    target.byte(0);
  } else if (typeof cell === "string") {
    target.textField(VALUE.text, cell);
  } else if (typeof cell === "boolean") {
    target.byte(VALUE.bool * 8);
    target.byte(cell ? 1 : 0);
  } else if (typeof cell !== "number") {
    const list = target.beginField(VALUE.list);
    for (const element of cell) writeCell(target, LIST_VALUES, element);
    target.endField(list);
  } else if (Number.isFinite(cell)) {
    target.byte(VALUE.number * 8 + FIXED64);
    target.double(cell);
  } else {
    target.textField(VALUE.text, String(cell));
  }
  target.endField(start);
}
