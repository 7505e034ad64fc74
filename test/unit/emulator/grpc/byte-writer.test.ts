import protobuf from "protobufjs";
import { ByteWriter } from "../../../../emulator/grpc/byte-writer.ts";

const RECORD = new protobuf.Type("Record").add(new protobuf.Field("bytes", 20, "bytes"));

/** Lengths of one, two and three bytes; the last one fills the buffer to its last byte before its length is known. */
test.each([0, 1, 127, 128, 16_383, 16_384, 32_766])(
  "a field of %i bytes has its length before it",
  (count) => {
    const writer = new ByteWriter();
    const field = writer.beginField(20);
    for (let index = 0; index < count; index++) writer.byte(index % 251);
    writer.endField(field);
    const written = Buffer.alloc(writer.length);
    expect(writer.copyTo(written, 0)).toBe(writer.length);
    const { bytes } = RECORD.toObject(RECORD.decode(written));
    expect(
      Buffer.from(Array.from({ length: count }, (_, index) => index % 251)).equals(bytes),
    ).toBe(true);
  },
);
