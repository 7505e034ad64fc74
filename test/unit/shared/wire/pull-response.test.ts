import { createRequire } from "node:module";
import fc from "fast-check";
import protobuf from "protobufjs";
import { PulledMessages } from "../../../../shared/wire/pull-response.ts";

const require = createRequire(import.meta.url);
const responseType = protobuf.Root.fromJSON(
  require("@google-cloud/pubsub/build/protos/protos.json"),
).lookupType("google.pubsub.v1.StreamingPullResponse");

/** Sizes on both sides of where a length takes another byte. */
const size = fc.oneof(fc.nat(60), fc.constantFrom(127, 128, 300, 16_383, 16_384, 20_000));
const blob = fc.tuple(size, fc.nat(255)).map(([length, byte]) => Buffer.alloc(length, byte));
const text = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.string({ maxLength }).map((value) => Buffer.from(value));
const seconds = fc.oneof(
  fc.integer({ min: 1_500_000_000, max: 2_000_000_000 }),
  fc.constantFrom(0, 1, 2 ** 28 - 1, 2 ** 28, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 253_402_300_799),
);
const nanos = fc.oneof(
  fc.nat(999_999_999),
  fc.constantFrom(0, 127, 2 ** 21 - 1, 2 ** 21, 2 ** 28 - 1, 2 ** 28),
);
const number = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field << 3), varint(value)]);
const bytesField = (field: number, value: Buffer): Buffer =>
  Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
/** The same with its length written in a byte more than it needs. */
const paddedField = (field: number, value: Buffer): Buffer => {
  const length = varint(value.length);
  length[length.length - 1] = (length.at(-1) ?? 0) | 0x80;
  return Buffer.concat([varint((field << 3) | 2), length, Buffer.from([0]), value]);
};

const timestamp = fc
  .tuple(fc.option(seconds), fc.option(nanos), fc.boolean())
  .map(([whole, part, isTurned]) => {
    const fields = [
      whole === null ? [] : [number(1, whole)],
      part === null ? [] : [number(2, part)],
    ].flat();
    return Buffer.concat(isTurned ? fields.reverse() : fields);
  });
const attribute = fc
  .tuple(
    fc.oneof({ weight: 20, arbitrary: text(30) }, fc.constant(Buffer.from("__proto__"))),
    text(200),
  )
  .map(([key, value]) => Buffer.concat([bytesField(1, key), bytesField(2, value)]));
const unknown = fc.oneof(
  fc.nat(2 ** 31).map((value) => number(9, value)),
  text(20).map((value) => bytesField(77, value)),
  fc.constant(Buffer.from([(11 << 3) | 5, 1, 2, 3, 4])),
);

/** A message's fields in any order, each once at most, lengths in more than one form. */
function arbitraryMessage(
  fields: Readonly<Record<number, fc.Arbitrary<Buffer>>>,
  others: readonly fc.Arbitrary<Buffer>[],
): fc.Arbitrary<Buffer> {
  const known = Object.entries(fields).map(([field, value]) =>
    fc
      .tuple(value, fc.nat(9))
      .map(([bytes, form]) => (form === 0 ? paddedField : bytesField)(Number(field), bytes)),
  );
  const parts = [...known, ...others];
  return fc
    .tuple(fc.tuple(...parts), fc.shuffledSubarray([...parts.keys()]), fc.boolean())
    .map(([made, order, isWhole]) =>
      Buffer.concat(isWhole ? made : order.map((index) => made[index] ?? Buffer.alloc(0))),
    );
}

const attributes = fc
  .array(attribute, { maxLength: 4 })
  .map((entries) => Buffer.concat(entries.map((entry) => bytesField(2, entry))));
const pubsubMessage = arbitraryMessage({ 1: blob, 3: text(30), 4: timestamp, 5: text(30) }, [
  attributes,
  unknown,
]);
const attempt = fc.constantFrom(1, 5, 127, 128, 20_000).map((value) => number(3, value));
const received = arbitraryMessage({ 1: blob, 2: pubsubMessage }, [attempt, unknown]);
const confirmation = fc
  .array(fc.tuple(fc.constantFrom(1, 2, 3, 4), text(20)), { maxLength: 4 })
  .map((ids) => Buffer.concat(ids.map(([field, id]) => bytesField(field, id))));
const response = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: received.map((bytes) => bytesField(1, bytes)) },
      { weight: 1, arbitrary: confirmation.map((bytes) => bytesField(5, bytes)) },
      { weight: 1, arbitrary: unknown },
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.concat(parts));

interface TheirMessage {
  ackId: string;
  deliveryAttempt: number;
  message: null | {
    data: Buffer;
    attributes: Record<string, string>;
    messageId: string;
    orderingKey: string;
    publishTime: null | { seconds: number; nanos: number };
  };
}

interface TheirResponse {
  receivedMessages: TheirMessage[];
  acknowledgeConfirmation: null | { ackIds: string[]; temporaryFailedAckIds: string[] };
}

function readByProtobufjs(bytes: Buffer): TheirResponse {
  const options = { longs: Number, defaults: true, arrays: true, objects: true };
  return responseType.toObject(responseType.decode(bytes), options) as TheirResponse; // the proto's shape.
}

function expectedOf({ ackId, deliveryAttempt, message }: TheirMessage): unknown {
  const { seconds = 0, nanos = 0 } = message?.publishTime ?? {};
  return {
    ackId,
    deliveryAttempt,
    data: message?.data.toString("hex") ?? "",
    attributes: message?.attributes ?? {},
    messageId: message?.messageId ?? "",
    orderingKey: message?.orderingKey ?? "",
    publishTimeMs: seconds * 1000 + Math.floor(nanos / 1_000_000),
  };
}

function messageAt(messages: PulledMessages, index: number): unknown {
  const { data, bytes } = messages;
  return {
    ackId: messages.text(messages.ackId, index),
    deliveryAttempt: messages.deliveryAttempt[index],
    data: bytes.subarray(data[2 * index], data[2 * index + 1]).toString("hex"),
    attributes: messages.attributes(index),
    messageId: messages.text(messages.messageId, index),
    orderingKey: messages.text(messages.orderingKey, index),
    publishTimeMs: messages.publishTimeMs[index],
  };
}

test("every message of a response is read as protobufjs reads it, whatever was read before", () => {
  const messages = new PulledMessages();
  fc.assert(
    fc.property(response, (bytes) => {
      messages.read(bytes);
      const theirs = readByProtobufjs(bytes).receivedMessages;
      const ours = theirs.map((_, index) => messageAt(messages, index));
      expect(messages.count).toBe(theirs.length);
      expect(ours).toEqual(theirs.map(expectedOf));
    }),
    { numRuns: 1000 },
  );
});

test("a message shares its key with the one before it where the keys are the same", () => {
  const messages = new PulledMessages();
  const key = fc.constantFrom("", "us/1", "us/2", "us/12");
  fc.assert(
    fc.property(fc.array(key, { maxLength: 6 }), (keys) => {
      const inMessage = (each: string): Buffer => bytesField(2, bytesField(5, Buffer.from(each)));
      messages.read(Buffer.concat(keys.map((each) => bytesField(1, inMessage(each)))));
      const shared = keys.map((_, index) => messages.sharesKey(index));
      expect(shared).toEqual(keys.map((each, index) => index > 0 && each === keys[index - 1]));
    }),
  );
});

test.each([
  ["ends after the seconds", [0x08, 0xe6, 0xf4, 0xb2, 0xd8, 0x06]],
  ["has fields of later revisions before the nanoseconds", [8, 5, 0x18, 1, 0x18, 1, 0x10, 7]],
  [
    "has one behind the nanoseconds",
    [0x08, 0xe6, 0xf4, 0xb2, 0xd8, 0x06, 0x10, 5, 0x18, 0xff, 0xff, 3],
  ],
])("a publish time that %s is read as protobufjs reads it", (_, bytes) => {
  const messages = new PulledMessages();
  const whole = bytesField(1, bytesField(2, bytesField(4, Buffer.from(bytes))));
  messages.read(whole);
  expect([messageAt(messages, 0)]).toEqual(
    readByProtobufjs(whole).receivedMessages.map(expectedOf),
  );
});

test("a response that was cut is refused where protobufjs refuses it", () => {
  const messages = new PulledMessages();
  fc.assert(
    fc.property(response, fc.nat(), (bytes, cut) => {
      const short = bytes.subarray(0, cut % (bytes.length + 1));
      expect(isRefused(() => messages.read(short))).toBe(
        isRefused(() => responseType.decode(short)),
      );
    }),
    { numRuns: 1000 },
  );
});

test("confirmations are counted, and ids to be acked again are kept", () => {
  const messages = new PulledMessages();
  const id = (value: string): Buffer => Buffer.from(value);
  const parts = [
    bytesField(1, id("a")),
    bytesField(1, id("b")),
    bytesField(2, id("c")),
    bytesField(3, id("d")),
    bytesField(4, id("again")),
  ];
  messages.read(bytesField(5, Buffer.concat(parts)));
  expect(messages.confirmations).toEqual({
    confirmed: 2,
    refused: 2,
    temporaryFailed: [id("again")],
  });
  messages.read(Buffer.alloc(0));
  expect(messages.confirmations).toEqual({ confirmed: 0, refused: 0, temporaryFailed: [] });
});

test("damaged bytes are refused, or give ranges that stand inside them", () => {
  const messages = new PulledMessages();
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    fc.tuple(response, fc.nat()).map(([bytes, cut]) => bytes.subarray(0, cut % (bytes.length + 1))),
    fc.tuple(response, fc.nat(), fc.nat(255)).map(([bytes, place, byte]) => {
      if (bytes.length > 0) bytes[place % Math.min(bytes.length, 500)] = byte;
      return bytes;
    }),
  );
  fc.assert(
    fc.property(damaged, (bytes) => {
      try {
        messages.read(bytes);
      } catch (error) {
        expect(error).toEqual(new RangeError("malformed StreamingPullResponse"));
        return;
      }
      const { data, ackId, messageId, orderingKey, message } = messages;
      for (const ranges of [data, ackId, messageId, orderingKey, message]) {
        for (let place = 0; place < 2 * messages.count; place += 2) {
          expect(ranges[place]).toBeLessThanOrEqual(ranges[place + 1] ?? 0);
          expect(ranges[place + 1]).toBeLessThanOrEqual(bytes.length);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

function isRefused(read: () => void): boolean {
  try {
    read();
    return false;
  } catch {
    return true;
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
