import {
  DuckDBBlobValue,
  DuckDBDecimalValue,
  type DuckDBValue,
  listValue,
  structValue,
} from "@duckdb/node-api";
import { cellReader } from "./cell.ts";
import { canonicalType, type Field } from "./schema.ts";
import { WireReader } from "./wire-reader.ts";

/** The parts of `google.protobuf.DescriptorProto` that rows are read by. */
export interface Descriptor {
  readonly name: string;
  readonly field: readonly FieldDescriptor[];
  readonly nestedType: readonly Descriptor[];
}

export interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
}

/** A row in column order, and the two pseudo-columns of change data capture. */
export interface DecodedRow {
  readonly cells: DuckDBValue[];
  readonly changeType: string | undefined;
  readonly sequence: string | undefined;
}

export type RowReader = (bytes: Buffer) => DecodedRow;

type WireValue = bigint | number | string | boolean | Buffer | WireReader;
interface Column {
  readonly index: number;
  readonly isRepeated: boolean;
  readonly wireType: number;
  readonly read: (reader: WireReader) => WireValue;
  readonly convert: (value: WireValue) => DuckDBValue;
}

const changeTypeColumn = "_change_type";
const sequenceColumn = "_change_sequence_number";

/**
 * A reader of rows that `descriptor` describes into the columns of `schema`. Throws a TypeError that
 * names the field where the descriptor does not fit the schema.
 */
export function createRowReader(descriptor: Descriptor, schema: readonly Field[]): RowReader {
  const pseudo: Field[] = [
    { name: changeTypeColumn, type: "STRING" },
    { name: sequenceColumn, type: "STRING" },
  ];
  const columns = columnsByNumber(descriptor, [...schema, ...pseudo]);
  const required = schema.flatMap((field, index) =>
    field.mode === "REQUIRED" ? [{ field, index }] : [],
  );
  return (bytes) => {
    const cells = emptyCells(schema);
    cells.push(null, null);
    readFields(new WireReader(bytes), columns, cells);
    const sequence = cells.pop();
    const changeType = cells.pop();
    for (const { field, index } of required) {
      if (cells[index] === null)
        throw new TypeError(`Required field ${field.name} cannot be null.`);
    }
    return { cells, changeType: textOf(changeType), sequence: textOf(sequence) };
  };
}

function emptyCells(schema: readonly Field[]): DuckDBValue[] {
  return schema.map((field) => (field.mode === "REPEATED" ? listValue([]) : null));
}

function textOf(value: DuckDBValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function columnsByNumber(descriptor: Descriptor, schema: readonly Field[]): (Column | undefined)[] {
  const columns: (Column | undefined)[] = [];
  const places = new Map(schema.map((field, index) => [field.name.toLowerCase(), index]));
  for (const wire of descriptor.field) {
    const index = places.get(wire.name.toLowerCase());
    const field = index === undefined ? undefined : schema[index];
    if (index === undefined || field === undefined) {
      throw new TypeError(`The proto field ${wire.name} has no matching column in the table`);
    }
    columns[wire.number] = createColumn({ wire, field, index, nested: descriptor.nestedType });
  }
  return columns;
}

interface ColumnPlan {
  readonly wire: FieldDescriptor;
  readonly field: Field;
  readonly index: number;
  readonly nested: readonly Descriptor[];
}

function createColumn(plan: ColumnPlan): Column {
  const { wire, field, index } = plan;
  const form = wireForms[wire.type];
  if (form === undefined) {
    throw new TypeError(`The emulator does not read proto type ${wire.type} of field ${wire.name}`);
  }
  const isRepeated = field.mode === "REPEATED";
  if (isRepeated !== (wire.label === "LABEL_REPEATED")) {
    throw new TypeError(`The proto field ${wire.name} does not match the mode of its column`);
  }
  return { index, isRepeated, ...form, convert: createConversion(plan) };
}

const wireForms: Readonly<Record<string, Pick<Column, "wireType" | "read">>> = {
  TYPE_INT64: { wireType: 0, read: (reader) => BigInt.asIntN(64, reader.varint()) },
  TYPE_UINT64: { wireType: 0, read: (reader) => reader.varint() },
  TYPE_INT32: { wireType: 0, read: (reader) => BigInt.asIntN(64, reader.varint()) },
  TYPE_UINT32: { wireType: 0, read: (reader) => reader.varint() },
  TYPE_SINT64: { wireType: 0, read: (reader) => zigzag(reader.varint()) },
  TYPE_SINT32: { wireType: 0, read: (reader) => zigzag(reader.varint()) },
  TYPE_BOOL: { wireType: 0, read: (reader) => reader.varint() !== 0n },
  TYPE_DOUBLE: { wireType: 1, read: (reader) => reader.double() },
  TYPE_FIXED64: { wireType: 1, read: (reader) => BigInt.asUintN(64, reader.fixed64()) },
  TYPE_SFIXED64: { wireType: 1, read: (reader) => reader.fixed64() },
  TYPE_FLOAT: { wireType: 5, read: (reader) => reader.float() },
  TYPE_FIXED32: { wireType: 5, read: (reader) => BigInt(reader.fixed32() >>> 0) },
  TYPE_SFIXED32: { wireType: 5, read: (reader) => BigInt(reader.fixed32()) },
  TYPE_STRING: { wireType: 2, read: (reader) => reader.text() },
  TYPE_BYTES: { wireType: 2, read: (reader) => reader.bytes() },
  TYPE_MESSAGE: { wireType: 2, read: (reader) => reader.message() },
};

function zigzag(value: bigint): bigint {
  return (value >> 1n) ^ -(value & 1n);
}

function createConversion(plan: ColumnPlan): (value: WireValue) => DuckDBValue {
  const { wire, field } = plan;
  const type = canonicalType(field.type);
  if (wire.type === "TYPE_MESSAGE") return createNested(plan);
  if (type === "STRING" && wire.type === "TYPE_STRING") return (value) => value as string;
  if (type === "BYTES") return (value) => new DuckDBBlobValue(Buffer.from(value as Buffer));
  if (type === "NUMERIC" && wire.type === "TYPE_BYTES")
    return (value) => scaledNumeric(value as Buffer);
  return cellReader(field);
}

/** NUMERIC as the client libraries encode it: little-endian two's complement of value × 10^9. */
function scaledNumeric(bytes: Buffer): DuckDBDecimalValue {
  let value = 0n;
  for (const byte of [...bytes].reverse()) value = (value << 8n) | BigInt(byte);
  return new DuckDBDecimalValue(BigInt.asIntN(bytes.length * 8, value), 38, 9);
}

function createNested({ wire, field, nested }: ColumnPlan): (value: WireValue) => DuckDBValue {
  const name = wire.typeName.split(".").at(-1);
  const descriptor = nested.find((type) => type.name === name);
  const fields = field.fields ?? [];
  if (descriptor === undefined || fields.length === 0) {
    throw new TypeError(`The proto field ${wire.name} has a message type that its column has not`);
  }
  const columns = columnsByNumber(descriptor, fields);
  return (value) => {
    const cells = emptyCells(fields);
    if (value instanceof WireReader) readFields(value, columns, cells);
    return structValue(
      Object.fromEntries(fields.map((inner, index) => [inner.name, cells[index] ?? null])),
    );
  };
}

function readFields(
  reader: WireReader,
  columns: readonly (Column | undefined)[],
  cells: DuckDBValue[],
): void {
  const lists = new Map<number, DuckDBValue[]>();
  while (reader.at < reader.end) {
    const tag = reader.small();
    const column = columns[tag >>> 3];
    if (column === undefined) reader.skipField(tag & 7);
    else if (column.isRepeated) appendItems(reader, tag & 7, column, lists);
    else cells[column.index] = readValue(reader, tag & 7, column);
  }
  for (const [index, items] of lists) cells[index] = listValue(items);
}

function readValue(reader: WireReader, wireType: number, column: Column): DuckDBValue {
  if (wireType !== column.wireType)
    throw new RangeError("a field has another wire type than its descriptor says");
  return column.convert(column.read(reader));
}

function appendItems(
  reader: WireReader,
  wireType: number,
  column: Column,
  lists: Map<number, DuckDBValue[]>,
): void {
  const items = lists.get(column.index) ?? [];
  lists.set(column.index, items);
  if (wireType !== 2 || column.wireType === 2) {
    items.push(readValue(reader, wireType, column));
    return;
  }
  const packed = reader.message();
  while (packed.at < packed.end) items.push(column.convert(column.read(packed)));
}
