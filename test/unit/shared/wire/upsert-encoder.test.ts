import fc from "fast-check";
import protobuf from "protobufjs";
import { UpsertEncoder } from "../../../../shared/wire/upsert-encoder.ts";

const types = ["string", "int64", "bool", "bytes", "double", "string"] as const;
const names = ["text", "number", "flag", "bytes", "share", "texts"] as const;
const columns = names.map((name, index) => ({
  name,
  type: types[index] ?? "string",
  isRepeated: name === "texts",
}));

/** The same message by the library. */
const message = new protobuf.Type("Row");
for (const [index, { name, type, isRepeated }] of columns.entries()) {
  message.add(new protobuf.Field(name, index + 1, type, isRepeated ? "repeated" : "optional"));
}
message.add(new protobuf.Field("change", 7, "string"));
message.add(new protobuf.Field("sequence", 8, "string"));
new protobuf.Root().add(message);

const arbitraryText = fc.oneof(fc.string(), fc.string({ unit: "grapheme", maxLength: 300 }));
const arbitraryRow = fc.record(
  {
    text: arbitraryText,
    number: fc.oneof(fc.maxSafeInteger(), fc.integer()),
    flag: fc.boolean(),
    bytes: fc.uint8Array({ maxLength: 300 }),
    share: fc.double({ noNaN: true }),
    texts: fc.array(arbitraryText, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: [] },
);

test("a protobuf library reads back the rows that were encoded, with their change and sequence", () => {
  fc.assert(
    fc.property(fc.array(arbitraryRow, { maxLength: 5 }), (rows) => {
      const encoder = new UpsertEncoder(columns);
      for (const row of rows) encoder.add(row, "1f/2");
      const read = encoder
        .take()
        .map((bytes) => message.toObject(message.decode(bytes), { longs: Number }));
      const bytesOf = (row: (typeof rows)[number]) =>
        row.bytes === undefined ? {} : { bytes: Buffer.from(row.bytes) };
      expect(read).toEqual(
        rows.map((row) => ({ ...row, ...bytesOf(row), change: "UPSERT", sequence: "1f/2" })),
      );
    }),
  );
});

test("a value that is not of its column's type is refused with the column's name", () => {
  expect(() => new UpsertEncoder(columns).add({ flag: "true" }, "0")).toThrow(/column flag/);
});
