import { messageOf } from "../grpc/message-of.ts";
import { FieldReader, WIRE } from "./field-reader.ts";
import type { FieldShape, MessageShape } from "./schema-shape.ts";

/**
 * Says why bytes are not a message of the shape, or undefined where they are one. Fields that the
 * shape does not have are refused, so that a publisher ahead of the schema is noticed.
 */
export function faultInBinary(
  shape: MessageShape,
  bytes: Buffer,
  start: number,
  end: number,
): string | undefined {
  const reader = new FieldReader(bytes, start, end);
  const seen: number[] = [];
  try {
    while (reader.next()) {
      const field = shape.byNumber.get(reader.field);
      if (field === undefined) return `${shape.name} has no field ${reader.field}`;
      const fault = faultInField(field, reader);
      if (fault !== undefined) return fault;
      if (shape.requiredNumbers.length > 0) seen.push(reader.field);
    }
  } catch (error) {
    return messageOf(error);
  }
  const missing = shape.requiredNumbers.find((number) => !seen.includes(number));
  return missing === undefined ? undefined : `required field ${missing} is missing`;
}

function faultInField(field: FieldShape, reader: FieldReader): string | undefined {
  const isPacked = field.isRepeated && reader.wireType === WIRE.bytes;
  if (reader.wireType !== field.wireType) {
    if (isPacked && field.wireType !== WIRE.bytes) return undefined;
    return `field ${field.name} has wire type ${reader.wireType}, not ${field.wireType}`;
  }
  if (field.message !== undefined) {
    return faultInBinary(field.message, reader.bytes, reader.start, reader.end);
  }
  if (field.type === "string" && !isUtf8(reader)) return `field ${field.name} is not UTF-8`;
  return undefined;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function isUtf8({ bytes, start, end }: FieldReader): boolean {
  let isAscii = true;
  for (let index = start; index < end; index++) {
    if ((bytes[index] ?? 0) >= 0x80) isAscii = false;
  }
  if (isAscii) return true;
  try {
    utf8.decode(bytes.subarray(start, end));
    return true;
  } catch {
    return false;
  }
}

/** The same for the JSON form of a message. Source: protobuf.dev, "ProtoJSON Format". */
export function faultInJson(shape: MessageShape, bytes: Buffer): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    return `it is not JSON: ${messageOf(error)}`;
  }
  return faultInObject(shape, value);
}

function faultInObject(shape: MessageShape, value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `${shape.name} is not an object`;
  }
  const seen: number[] = [];
  for (const [name, member] of Object.entries(value)) {
    const field = shape.fields.find((each) => each.name === name || camelCase(each.name) === name);
    if (field === undefined) return `${shape.name} has no field ${name}`;
    if (member === null) continue;
    seen.push(field.number);
    const fault = faultInMember(field, member);
    if (fault !== undefined) return fault;
  }
  const missing = shape.requiredNumbers.find((number) => !seen.includes(number));
  return missing === undefined ? undefined : `required field ${missing} is missing`;
}

function faultInMember(field: FieldShape, value: unknown): string | undefined {
  if (!field.isRepeated) return faultInValue(field, value);
  if (isMap(field)) return faultInMap(field, value);
  if (!Array.isArray(value)) return `field ${field.name} is not an array`;
  return firstFault(value, (item) => faultInValue(field, item));
}

function isMap(field: FieldShape): boolean {
  return field.message?.name.endsWith(" entry") ?? false;
}

function faultInMap(field: FieldShape, value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `field ${field.name} is not an object`;
  }
  const valueField = field.message?.byNumber.get(2);
  if (valueField === undefined) return undefined;
  return firstFault(Object.values(value), (item) => faultInValue(valueField, item));
}

function firstFault(
  items: readonly unknown[],
  faultIn: (item: unknown) => string | undefined,
): string | undefined {
  for (const item of items) {
    const fault = faultIn(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultInValue(field: FieldShape, value: unknown): string | undefined {
  if (field.message !== undefined) return faultInObject(field.message, value);
  const isValid = JSON_CHECKS[field.type] ?? isInteger;
  if (field.enumValues !== undefined) {
    const isName = typeof value === "string" && field.enumValues.has(value);
    return isName || Number.isInteger(value) ? undefined : `field ${field.name} has no such value`;
  }
  return isValid(value) ? undefined : `field ${field.name} is not a ${field.type}`;
}

const FLOAT_NAMES: readonly unknown[] = ["NaN", "Infinity", "-Infinity"];

const JSON_CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  bool: (value) => typeof value === "boolean",
  bytes: (value) => typeof value === "string" && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value),
  float: isFloat,
  double: isFloat,
};

function isFloat(value: unknown): boolean {
  return typeof value === "number" || FLOAT_NAMES.includes(value) || isNumeric(value);
}

function isNumeric(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
}

function isInteger(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value);
  return typeof value === "string" && /^-?\d+$/.test(value);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
