import protobuf from "protobufjs";
import { messageOf } from "../grpc/message-of.ts";
import { WIRE } from "./field-reader.ts";
import { invalidArgument, unimplemented } from "./refusal.ts";
import type { SchemaResource } from "./resources.ts";

/** A protobuf message type as far as checking and converting values needs it. */
export interface MessageShape {
  readonly name: string;
  readonly fields: readonly FieldShape[];
  readonly byNumber: ReadonlyMap<number, FieldShape>;
  readonly requiredNumbers: readonly number[];
}

export interface FieldShape {
  readonly name: string;
  readonly number: number;
  /** A scalar's protobuf name, `enum` or `message`. */
  readonly type: string;
  readonly wireType: number;
  readonly isRepeated: boolean;
  readonly isRequired: boolean;
  /** Of the field itself where its type is `message`; filled in last, as types may be recursive. */
  message: MessageShape | undefined;
  readonly enumValues: ReadonlyMap<string, number> | undefined;
}

/** Limits of the service. Source: Pub/Sub quotas and limits, "Schema". */
const DEFINITION_BYTES_MAX = 300 * 1024;

const SCALAR_WIRE_TYPES: Readonly<Record<string, number>> = {
  double: WIRE.fixed64,
  float: WIRE.fixed32,
  int32: WIRE.varint,
  int64: WIRE.varint,
  uint32: WIRE.varint,
  uint64: WIRE.varint,
  sint32: WIRE.varint,
  sint64: WIRE.varint,
  bool: WIRE.varint,
  fixed32: WIRE.fixed32,
  sfixed32: WIRE.fixed32,
  fixed64: WIRE.fixed64,
  sfixed64: WIRE.fixed64,
  string: WIRE.bytes,
  bytes: WIRE.bytes,
};

/** The one top-level message of a schema's definition, both as protobufjs has it and as a shape. */
export function compileSchema(schema: Pick<SchemaResource, "type" | "definition">): {
  type: protobuf.Type;
  shape: MessageShape;
} {
  if (schema.type === "AVRO") throw unimplemented("An Avro schema (type AVRO)");
  if (schema.type !== "PROTOCOL_BUFFER") {
    throw invalidArgument("The schema's type is unset: it is PROTOCOL_BUFFER.");
  }
  const sizeBytes = Buffer.byteLength(schema.definition);
  if (sizeBytes > DEFINITION_BYTES_MAX) {
    throw invalidArgument(
      `The schema has ${sizeBytes} bytes; it has at most ${DEFINITION_BYTES_MAX}.`,
    );
  }
  const type = topLevelMessageOf(schema.definition);
  return { type, shape: shapeOf(type, new Map()) };
}

function topLevelMessageOf(definition: string): protobuf.Type {
  const parsed = parse(definition);
  const imports = [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])];
  if (imports.length > 0) {
    throw invalidArgument(`The schema imports ${imports.join(", ")}; a schema imports nothing.`);
  }
  const messages = messagesOf(parsed.root);
  const [message] = messages;
  if (message === undefined || messages.length > 1) {
    throw invalidArgument(
      `The schema has ${messages.length} top-level messages; it must have exactly one.`,
    );
  }
  return message;
}

function parse(definition: string): protobuf.IParserResult {
  try {
    const parsed = protobuf.parse(definition, new protobuf.Root(), { keepCase: true });
    parsed.root.resolveAll();
    return parsed;
  } catch (error) {
    throw invalidArgument(`The schema is not a valid protobuf definition: ${messageOf(error)}.`);
  }
}

function messagesOf(namespace: protobuf.NamespaceBase): protobuf.Type[] {
  return namespace.nestedArray.flatMap((nested) => {
    if (nested instanceof protobuf.Type) return [nested];
    return nested instanceof protobuf.Namespace ? messagesOf(nested) : [];
  });
}

function shapeOf(type: protobuf.Type, known: Map<protobuf.Type, MessageShape>): MessageShape {
  const shaped = known.get(type);
  if (shaped !== undefined) return shaped;
  const fields = type.fieldsArray.map(fieldShapeOf);
  const shape: MessageShape = {
    name: type.name,
    fields,
    byNumber: new Map(fields.map((field) => [field.number, field])),
    requiredNumbers: fields.filter((field) => field.isRequired).map((field) => field.number),
  };
  known.set(type, shape);
  for (const [index, field] of type.fieldsArray.entries()) {
    const fieldShape = fields[index];
    if (fieldShape === undefined) continue;
    if (field instanceof protobuf.MapField) fieldShape.message = mapEntryShape(field, known);
    else if (field.resolvedType instanceof protobuf.Type) {
      fieldShape.message = shapeOf(field.resolvedType, known);
    }
  }
  return shape;
}

function fieldShapeOf(field: protobuf.Field): FieldShape {
  const scalar = SCALAR_WIRE_TYPES[field.type];
  const isMap = field instanceof protobuf.MapField;
  const enumeration = field.resolvedType instanceof protobuf.Enum ? field.resolvedType : undefined;
  const base = {
    name: field.name,
    number: field.id,
    isRepeated: field.repeated || isMap,
    isRequired: field.required,
    message: undefined,
  };
  if (isMap || (scalar === undefined && enumeration === undefined)) {
    return { ...base, type: "message", wireType: WIRE.bytes, enumValues: undefined };
  }
  if (enumeration !== undefined) {
    const enumValues = new Map(Object.entries(enumeration.values));
    return { ...base, type: "enum", wireType: WIRE.varint, enumValues };
  }
  return { ...base, type: field.type, wireType: scalar ?? WIRE.bytes, enumValues: undefined };
}

function mapEntryShape(
  field: protobuf.MapField,
  known: Map<protobuf.Type, MessageShape>,
): MessageShape {
  const key = fieldShapeOf(new protobuf.Field("key", 1, field.keyType));
  const valueField = new protobuf.Field("value", 2, field.type);
  valueField.resolvedType = field.resolvedType;
  const value = fieldShapeOf(valueField);
  if (field.resolvedType instanceof protobuf.Type) {
    value.message = shapeOf(field.resolvedType, known);
  }
  const fields = [key, value];
  const byNumber = new Map(fields.map((entry) => [entry.number, entry]));
  return { name: `${field.name} entry`, fields, byNumber, requiredNumbers: [] };
}
