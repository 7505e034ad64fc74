import { status } from "@grpc/grpc-js";
import { StatusError } from "../../grpc/status-error.ts";

/** The types of GoogleSQL that columns, parameters and results may have. */
export type TypeCode =
  | "BOOL"
  | "INT64"
  | "FLOAT64"
  | "FLOAT32"
  | "TIMESTAMP"
  | "DATE"
  | "STRING"
  | "BYTES"
  | "NUMERIC"
  | "JSON"
  | "ARRAY"
  | "STRUCT";

export interface StructField {
  readonly name: string;
  readonly type: SpannerType;
}

export interface SpannerType {
  readonly code: TypeCode;
  /** Set where `code` is ARRAY. */
  readonly element?: SpannerType;
  /** Set where `code` is STRUCT. */
  readonly fields?: readonly StructField[];
}

export const BOOL: SpannerType = { code: "BOOL" };
export const INT64: SpannerType = { code: "INT64" };
export const FLOAT64: SpannerType = { code: "FLOAT64" };
export const TIMESTAMP: SpannerType = { code: "TIMESTAMP" };
export const DATE: SpannerType = { code: "DATE" };
export const STRING: SpannerType = { code: "STRING" };
export const BYTES: SpannerType = { code: "BYTES" };
export const NUMERIC: SpannerType = { code: "NUMERIC" };
export const JSON_TYPE: SpannerType = { code: "JSON" };

/** `google.spanner.v1.TypeCode`. */
const WIRE_CODES: Readonly<Record<TypeCode, number>> = {
  BOOL: 1,
  INT64: 2,
  FLOAT64: 3,
  FLOAT32: 15,
  TIMESTAMP: 4,
  DATE: 5,
  STRING: 6,
  BYTES: 7,
  ARRAY: 8,
  STRUCT: 9,
  NUMERIC: 10,
  JSON: 11,
};

const CODES_BY_WIRE = new Map<number, TypeCode>();
for (const code of Object.keys(WIRE_CODES)) {
  if (isTypeCode(code)) CODES_BY_WIRE.set(WIRE_CODES[code], code);
}

export function wireCodeOf(type: SpannerType): number {
  return WIRE_CODES[type.code];
}

/** The type that a wire code names; refuses what the emulator does not have (PROTO, ENUM, INTERVAL, UUID). */
export function typeCodeOf(wireCode: number): TypeCode {
  const code = CODES_BY_WIRE.get(wireCode);
  if (code === undefined) {
    throw new StatusError(
      status.UNIMPLEMENTED,
      `The type with code ${wireCode} (PROTO, ENUM, INTERVAL or UUID) is not supported by the emulator.`,
    );
  }
  return code;
}

export function isTypeCode(name: string): name is TypeCode {
  return name in WIRE_CODES;
}

/** The type as GoogleSQL writes it, without a length. */
export function typeName(type: SpannerType): string {
  if (type.element !== undefined) return `ARRAY<${typeName(type.element)}>`;
  if (type.fields === undefined) return type.code;
  return `STRUCT<${type.fields.map((field) => `${field.name} ${typeName(field.type)}`.trim()).join(", ")}>`;
}

export function sameType(left: SpannerType, right: SpannerType): boolean {
  return typeName(left) === typeName(right);
}
