import type protobuf from "protobufjs";
import type { PublishedMessage } from "./publish-request.ts";
import { failedPrecondition, invalidArgument, notFound } from "./refusal.ts";
import {
  DELETED_SCHEMA,
  type Encoding,
  type SchemaResource,
  type SchemaSettings,
  timestampOf,
} from "./resources.ts";
import { faultInBinary, faultInJson } from "./schema-check.ts";
import { compileSchema, type FieldShape, type MessageShape } from "./schema-shape.ts";
import { encodeAttributes } from "./stored-message.ts";
import type { MessageValidator } from "./topic.ts";

/** One revision of a schema, ready to check messages with. */
export interface SchemaRevision {
  readonly resource: SchemaResource;
  readonly id: string;
  readonly type: protobuf.Type;
  readonly shape: MessageShape;
}

const REVISIONS_MAX = 20;

/** A schema and its revisions, oldest first. */
export class SchemaEntry {
  readonly name: string;
  #revisions: SchemaRevision[] = [];
  /** By a topic's settings; made anew when the revisions change. */
  #validators = new WeakMap<SchemaSettings, MessageValidator>();

  constructor(name: string) {
    this.name = name;
  }

  get revisions(): readonly SchemaRevision[] {
    return this.#revisions;
  }

  get newest(): SchemaRevision {
    const newest = this.#revisions.at(-1);
    if (newest === undefined) throw notFound("Schema", this.name);
    return newest;
  }

  /** Adds a revision; `number` makes its id and has to be one that no other revision was given. */
  commit(
    schema: Pick<SchemaResource, "type" | "definition">,
    number: number,
    nowMs: number,
  ): SchemaRevision {
    const { type, shape } = compileSchema(schema);
    if (this.#revisions.length >= REVISIONS_MAX) {
      throw failedPrecondition(
        `Schema ${this.name} has ${REVISIONS_MAX} revisions, the most it may.`,
      );
    }
    const previous = this.#revisions.at(-1);
    if (previous !== undefined) checkEvolution(previous.shape, shape);
    const id = (Math.imul(number, 2_654_435_761) >>> 0).toString(16).padStart(8, "0");
    const resource: SchemaResource = {
      name: this.name,
      type: schema.type,
      definition: schema.definition,
      revisionId: id,
      revisionCreateTime: timestampOf(nowMs),
    };
    const revision = { resource, id, type, shape };
    this.#revisions.push(revision);
    this.#validators = new WeakMap();
    return revision;
  }

  revision(id: string): SchemaRevision {
    const revision = this.#revisions.find((each) => each.id === id);
    if (revision === undefined) throw notFound("Schema revision", `${this.name}@${id}`);
    return revision;
  }

  remove(id: string): void {
    const revision = this.revision(id);
    if (this.#revisions.length === 1) {
      throw failedPrecondition(
        `Revision ${id} is the only one of ${this.name}: delete the schema.`,
      );
    }
    this.#revisions = this.#revisions.filter((each) => each !== revision);
    this.#validators = new WeakMap();
  }

  /** The revisions a topic takes, newest first: messages are tried against them in that order. */
  allowedRevisions(settings: SchemaSettings): readonly SchemaRevision[] {
    const { firstRevisionId = "", lastRevisionId = "" } = settings;
    const ids = this.#revisions.map(({ id }) => id);
    const first = firstRevisionId === "" ? 0 : ids.indexOf(firstRevisionId);
    const last = lastRevisionId === "" ? ids.length - 1 : ids.indexOf(lastRevisionId);
    return this.#revisions.slice(Math.max(0, first), last + 1).reverse();
  }

  /** Checks the messages of a topic that has these settings. */
  validator(settings: SchemaSettings): MessageValidator {
    const known = this.#validators.get(settings);
    if (known !== undefined) return known;
    const validator = createValidator(settings, this);
    this.#validators.set(settings, validator);
    return validator;
  }
}

/** Checks each message of a topic against its schema and says which attributes that adds to it. */
export function messageValidator(
  settings: SchemaSettings,
  schema: SchemaEntry | undefined,
): MessageValidator {
  if (schema === undefined) {
    throw failedPrecondition(`The topic's schema is deleted (${DELETED_SCHEMA}): give it another.`);
  }
  return schema.validator(settings);
}

function createValidator(settings: SchemaSettings, schema: SchemaEntry): MessageValidator {
  const revisions = schema.allowedRevisions(settings).map((revision) => ({
    revision,
    attributes: encodeAttributes([
      ["googclient_schemaencoding", settings.encoding],
      ["googclient_schemaname", schema.name],
      ["googclient_schemarevisionid", revision.id],
    ]),
  }));
  return (message, index) => {
    let newestFault: string | undefined;
    for (const { revision, attributes } of revisions) {
      const fault = faultIn(revision, settings.encoding, message);
      if (fault === undefined) return attributes;
      newestFault ??= fault;
    }
    throw invalidArgument(
      `Message ${index} does not match schema ${schema.name}, encoding ${settings.encoding}: ` +
        `${newestFault ?? "no revision is allowed"}.`,
    );
  };
}

export function faultIn(
  { shape }: SchemaRevision,
  encoding: Encoding,
  message: Pick<PublishedMessage, "bytes" | "dataStart" | "dataEnd">,
): string | undefined {
  const { bytes, dataStart, dataEnd } = message;
  if (encoding === "BINARY") return faultInBinary(shape, bytes, dataStart, dataEnd);
  return faultInJson(shape, bytes.subarray(dataStart, dataEnd));
}

/** A revision may add and drop optional fields, and must leave alone those that both have. */
function checkEvolution(older: MessageShape, newer: MessageShape): void {
  for (const field of newer.fields) {
    const same = older.byNumber.get(field.number);
    const namesake = older.fields.find(({ name }) => name === field.name);
    const isNewRequired = same === undefined && field.isRequired;
    if (isNewRequired || !isUnchanged(same, field) || (namesake && namesake !== same)) {
      throw invalidArgument(
        `Field ${field.name} = ${field.number} of ${newer.name} differs from the revision before: ` +
          "a revision may only add or drop optional fields.",
      );
    }
  }
}

function isUnchanged(older: FieldShape | undefined, newer: FieldShape): boolean {
  if (older === undefined) return true;
  return (
    older.name === newer.name && older.type === newer.type && older.isRepeated === newer.isRepeated
  );
}
