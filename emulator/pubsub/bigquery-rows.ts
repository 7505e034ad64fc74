/**
 * What a BigQuery subscription writes: the row type, and rows in its encoding. A message in the
 * schema's binary encoding is a row already; the metadata columns are appended to its bytes.
 */
import type { ByteWriter } from "../grpc/byte-writer.ts";
import type { Catalog } from "./catalog.ts";
import { MessageFields } from "./message-fields.ts";
import { failedPrecondition } from "./refusal.ts";
import type { BigQueryConfig } from "./resources.ts";
import type { SchemaRevision } from "./schema-entry.ts";
import type { FieldShape, MessageShape } from "./schema-shape.ts";
import {
  encodeText,
  MESSAGE_ID_DIGITS,
  type StoredMessage,
  writeMessageId,
} from "./stored-message.ts";
import type { Subscription } from "./subscription.ts";

/** `google.protobuf.DescriptorProto`, as far as rows need it. */
export interface RowDescriptor {
  readonly name: string;
  readonly field: readonly {
    readonly name: string;
    readonly number: number;
    readonly label: string;
    readonly type: string;
    readonly typeName?: string;
  }[];
  readonly nestedType: readonly RowDescriptor[];
  readonly enumType: readonly {
    readonly name: string;
    readonly value: readonly { readonly name: string; readonly number: number }[];
  }[];
}

export interface RowFormat {
  readonly descriptor: RowDescriptor;
  /** Writes the row of a message. */
  readonly write: (message: StoredMessage, target: ByteWriter) => void;
}

/** A row without metadata: written once the message's fields are read. */
interface RowBody {
  readonly descriptor: RowDescriptor;
  readonly write: (message: StoredMessage, fields: MessageFields, target: ByteWriter) => void;
}

/** A column of the table that is written to. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
}

const METADATA_COLUMNS = ["subscription_name", "message_id", "publish_time", "attributes"] as const;
const LENGTH_DELIMITED = 2;
/** Protobuf keeps these field numbers for itself. */
const RESERVED_NUMBERS = { first: 19_000, last: 19_999 } as const;

/** How the messages of a subscription become rows of a table with these columns. */
export function rowFormatOf(
  catalog: Catalog,
  subscription: Subscription,
  columns: readonly TableColumn[],
): RowFormat {
  const config = subscription.resource.bigqueryConfig;
  if (!config) throw failedPrecondition(`${subscription.name} does not deliver to BigQuery.`);
  const body = config.useTopicSchema
    ? schemaBody(catalog, subscription, config, columns)
    : dataBody(columns);
  const { descriptor, write } = config.writeMetadata ? withMetadata(body, subscription.name) : body;
  const fields = new MessageFields();
  return {
    descriptor,
    write: (message, target) => {
      fields.read(message);
      write(message, fields, target);
    },
  };
}

/** Without a schema the whole message is one column, `data`. */
function dataBody(columns: readonly TableColumn[]): RowBody {
  const isBytes = columns.find(({ name }) => name === "data")?.type === "BYTES";
  const type = isBytes ? "TYPE_BYTES" : "TYPE_STRING";
  const field = [{ name: "data", number: 1, label: "LABEL_OPTIONAL", type }];
  return {
    descriptor: { name: "Row", field, nestedType: [], enumType: [] },
    write: ({ slab }, { dataStart, dataEnd }, target) => {
      target.byte(8 + LENGTH_DELIMITED);
      target.varint(dataEnd - dataStart);
      target.bytes(slab, dataStart, dataEnd);
    },
  };
}

function schemaBody(
  catalog: Catalog,
  subscription: Subscription,
  config: BigQueryConfig,
  columns: readonly TableColumn[],
): RowBody {
  const settings = subscription.topic?.resource.schemaSettings;
  const revision = settings
    ? catalog.schemas.get(settings.schema)?.allowedRevisions(settings)[0]
    : undefined;
  if (!settings || revision === undefined) {
    throw failedPrecondition(`The topic of ${subscription.name} has no schema to write by.`);
  }
  const { fields } = revision.shape;
  const inTable = fields.filter((field) => columns.some(({ name }) => name === field.name));
  const unknown = fields.filter((field) => !inTable.includes(field));
  if (unknown.length > 0 && !config.dropUnknownFields) {
    throw failedPrecondition(
      `Table ${config.table} has no column for ${unknown.map(({ name }) => name).join(", ")} of the ` +
        "topic's schema: add it, or set drop_unknown_fields.",
    );
  }
  return {
    descriptor: descriptorOf("Row", { ...revision.shape, fields: inTable }),
    write: ({ slab }, { dataStart, dataEnd }, target) => {
      if (settings.encoding !== "JSON") {
        target.bytes(slab, dataStart, dataEnd);
        return;
      }
      const row = binaryOf(revision, slab.subarray(dataStart, dataEnd));
      target.bytes(row, 0, row.length);
    },
  };
}

function binaryOf({ type }: SchemaRevision, json: Buffer): Buffer {
  const object: unknown = JSON.parse(json.toString("utf8"));
  if (typeof object !== "object" || object === null) return Buffer.alloc(0);
  return Buffer.from(type.encode(type.fromObject({ ...object })).finish());
}

function withMetadata({ descriptor, write }: RowBody, subscription: string): RowBody {
  const used = Math.max(0, ...descriptor.field.map(({ number }) => number));
  const isReserved = used + METADATA_COLUMNS.length >= RESERVED_NUMBERS.first;
  const first = (isReserved ? Math.max(used, RESERVED_NUMBERS.last) : used) + 1;
  const field = METADATA_COLUMNS.map((name, index) => ({
    name,
    number: first + index,
    label: "LABEL_OPTIONAL",
    type: name === "publish_time" ? "TYPE_INT64" : "TYPE_STRING",
  }));
  const subscriptionField = encodeText(first, subscription);
  return {
    descriptor: { ...descriptor, field: [...descriptor.field, ...field] },
    write: (message, fields, target) => {
      write(message, fields, target);
      target.bytes(subscriptionField, 0, subscriptionField.length);
      target.varint((first + 1) * 8 + LENGTH_DELIMITED);
      target.byte(MESSAGE_ID_DIGITS);
      const id = target.room(MESSAGE_ID_DIGITS);
      writeMessageId(id.bytes, id.start, message.messageId);
      target.varint((first + 2) * 8);
      target.varint(Math.round(message.publishTimeMs * 1000));
      const attributes = target.beginField(first + 3);
      fields.writeJson(target);
      target.endField(attributes);
    },
  };
}

function descriptorOf(name: string, shape: MessageShape): RowDescriptor {
  const nested = shape.fields.filter((field) => field.message !== undefined);
  return {
    name,
    field: shape.fields.map(fieldDescriptorOf),
    nestedType: nested.flatMap((field) =>
      field.message === undefined ? [] : [descriptorOf(typeNameOf(field), field.message)],
    ),
    enumType: shape.fields.flatMap((field) =>
      field.enumValues === undefined
        ? []
        : [
            {
              name: typeNameOf(field),
              value: [...field.enumValues].map(([value, number]) => ({ name: value, number })),
            },
          ],
    ),
  };
}

function fieldDescriptorOf(field: FieldShape) {
  const base = {
    name: field.name,
    number: field.number,
    label: field.isRepeated ? "LABEL_REPEATED" : "LABEL_OPTIONAL",
    type: `TYPE_${field.type.toUpperCase()}`,
  };
  const isNamed = field.type === "message" || field.type === "enum";
  return isNamed ? { ...base, typeName: typeNameOf(field) } : base;
}

/** Types are nested in the row's, one for each field that uses them, so that no names collide. */
function typeNameOf(field: FieldShape): string {
  return `Type_${field.name}`;
}
