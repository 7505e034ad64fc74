import fc from "fast-check";
import { MessageLog } from "../../../../emulator/pubsub/message-log.ts";
import {
  encodeAttributes,
  encodeBytes,
  encodeText,
  MessageWriter,
  type StoredMessage,
} from "../../../../emulator/pubsub/stored-message.ts";

const writer = new MessageWriter();

function stored(number: number, sizeBytes: number, orderingKey: string): StoredMessage {
  const bytes = Buffer.concat([
    encodeText(5, orderingKey),
    encodeBytes(1, Buffer.alloc(sizeBytes, number)),
    encodeAttributes([["number", String(number)]]),
  ]);
  const stamp = {
    messageId: 1_764_474_000_000_000 + number,
    publishTimeMs: 1000 + number,
    region: number % 3,
    orderingKey,
  };
  return writer.store({ bytes, start: 0, end: bytes.length }, Buffer.alloc(0), stamp);
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant("push" as const),
    count: fc.constantFrom(1, 7, 700, 1024, 1500),
    sizeBytes: fc.nat({ max: 300 }),
    orderingKey: fc.constantFrom("", "seat-1", "käufer"),
  }),
  fc.record({
    kind: fc.constant("drop" as const),
    percent: fc.integer({ min: 0, max: 110 }),
  }),
  fc.record({ kind: fc.constant("clear" as const) }),
);

test("a log of messages gives back what a list of them would", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const log = new MessageLog();
      let list: StoredMessage[] = [];
      let number = 0;
      for (const each of steps) {
        if (each.kind === "push") {
          for (let count = 0; count < each.count; count++) {
            const message = stored(number++, each.sizeBytes, each.orderingKey);
            log.push(message);
            list.push(message);
          }
        } else if (each.kind === "drop") {
          const timeMs = 1000 + (number * each.percent) / 100;
          log.dropUntil(timeMs);
          list = list.filter(({ publishTimeMs }) => publishTimeMs > timeMs);
        } else {
          log.clear();
          list = [];
        }
        const kept = [...log];
        expect(kept.length).toBe(list.length);
        expect(kept.every((message, index) => isSame(message, list[index]))).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

function isSame(left: StoredMessage, right: StoredMessage | undefined): boolean {
  return (
    left.slab === right?.slab &&
    left.start === right.start &&
    left.end === right.end &&
    left.messageId === right.messageId &&
    left.publishTimeMs === right.publishTimeMs &&
    left.region === right.region &&
    left.orderingKey === right.orderingKey
  );
}
