import { ByteWriter } from "./byte-writer.ts";

/** How a column's values stand in a row's bytes. */
export interface RowColumn {
  readonly name: string;
  readonly type: "string" | "int64" | "bool" | "bytes" | "double";
  readonly isRepeated: boolean;
}

/** A value of a row; an array in a repeated column, absent where it is NULL. */
export type RowValue = string | number | boolean | Uint8Array | readonly string[];

/** The columns that tell BigQuery what becomes of a row; they stand behind the table's own. */
export const CHANGE_COLUMNS: readonly RowColumn[] = [
  { name: "_CHANGE_TYPE", type: "string", isRepeated: false },
  { name: "_CHANGE_SEQUENCE_NUMBER", type: "string", isRepeated: false },
];

/**
 * Encodes upserts as protobuf messages, a field a column, numbered from 1 in the columns' order. A row is
 * given whole by {@link add}, or value by value: {@link next} for each column in order, then {@link end}.
 */
export class UpsertEncoder {
  readonly #columns: readonly RowColumn[];
  readonly #tags: readonly number[];
  readonly #writer = new ByteWriter(64 * 1024);
  #ends: number[] = [];
  /** The column whose value is next. */
  #column = 0;

  /** `columns`: the table's own. */
  constructor(columns: readonly RowColumn[]) {
    this.#columns = columns;
    this.#tags = columns.map(({ type }, index) => ((index + 1) << 3) | wireTypes[type]);
  }

  /** Encodes one row behind those before it. Throws TypeError where a value is not of its column's type. */
  add(row: Readonly<Record<string, RowValue>>, sequence: string): void {
    for (const { name } of this.#columns) this.next(row[name]);
    this.end(sequence);
  }

  /** Encodes the next column's value; undefined is NULL. Throws TypeError as {@link add} does. */
  next(value: RowValue | undefined): void {
    const index = this.#column++;
    const column = this.#columns[index];
    if (column === undefined) throw new TypeError("a row has no more values than columns");
    if (value === undefined) return;
    const tag = this.#tags[index] as number;
    if (!column.isRepeated) this.#write(tag, column, value);
    else for (const each of value as readonly string[]) this.#write(tag, column, each);
  }

  /** Ends a row whose every column was given. */
  end(sequence: string): void {
    const { length } = this.#columns;
    if (this.#column !== length) throw new TypeError(`a row has ${length} values`);
    const writer = this.#writer;
    const changeTag = ((length + 1) << 3) | wireTypes.string;
    writer.varint(changeTag);
    writer.text("UPSERT");
    writer.varint(changeTag + (1 << 3));
    writer.text(sequence);
    this.#column = 0;
    this.#ends.push(writer.length);
  }

  /** The bytes of each row. The encoder starts anew. */
  take(): Buffer[] {
    const bytes = this.#writer.take();
    const rows = this.#ends.map((end, index) => bytes.subarray(this.#ends[index - 1] ?? 0, end));
    this.#ends = [];
    return rows;
  }

  #write(tag: number, { name, type }: RowColumn, value: RowValue): void {
    const writer = this.#writer;
    writer.varint(tag);
    if (type === "string" && typeof value === "string") writer.text(value);
    else if (type === "int64" && typeof value === "number") writer.int64(value);
    else if (type === "int64" && typeof value === "string") writer.int64(BigInt(value));
    else if (type === "bool" && typeof value === "boolean") writer.varint(Number(value));
    else if (type === "bytes" && value instanceof Uint8Array) writer.bytes(value);
    else if (type === "double" && typeof value === "number") writer.double(value);
    else throw new TypeError(`column ${name} takes ${type}, not ${typeof value}`);
  }
}

/** Varint 0, eight bytes 1, length-delimited 2. */
const wireTypes = { string: 2, int64: 0, bool: 0, bytes: 2, double: 1 } as const;
