import type { SchemaSettings } from "../../../../emulator/pubsub/resources.ts";
import { messageValidator, SchemaEntry } from "../../../../emulator/pubsub/schema-entry.ts";
import { encodeBytes } from "../../../../emulator/pubsub/stored-message.ts";

const settings = { schema: "projects/test/schemas/s", encoding: "BINARY" } as SchemaSettings;

function schemaOf(...fields: string[]) {
  const definition = `syntax = "proto3"; message Event { ${fields.join(" ")} }`;
  return { type: "PROTOCOL_BUFFER", definition } as const;
}

/** The attributes that a message with this field gets, as text. */
function check(entry: SchemaEntry, field: number): string {
  const bytes = encodeBytes(field, Buffer.from("x"));
  const places = { start: 0, end: 0, dataStart: 0, dataEnd: bytes.length, attributeCount: 0 };
  return messageValidator(settings, entry)({ bytes, ...places }, 0).toString("latin1");
}

test("messages are checked against the revisions of the moment", () => {
  const entry = new SchemaEntry(settings.schema);
  const first = entry.commit(schemaOf("string name = 1;"), 1, 0);
  expect(check(entry, 1)).toContain(first.id);
  expect(() => check(entry, 2)).toThrow("does not match");
  const second = entry.commit(schemaOf("string name = 1;", "string seat = 2;"), 2, 0);
  expect(check(entry, 1)).toContain(second.id);
  expect(check(entry, 2)).toContain(second.id);
  entry.remove(second.id);
  expect(check(entry, 1)).toContain(first.id);
  expect(() => check(entry, 2)).toThrow("does not match");
});
