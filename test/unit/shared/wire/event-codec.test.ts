import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import protobuf from "protobufjs";
import { EVENT_TYPES } from "../../../../shared/core/auction/event.ts";
import { Fingerprint } from "../../../../shared/core/fingerprint.ts";
import { decodeDraft, decodeEvent, encodeEvent } from "../../../../shared/wire/event-codec.ts";
import { EventColumns, type TextField } from "../../../../shared/wire/event-columns.ts";
import { EVENT_FIELDS } from "../../../../shared/wire/event-fields.ts";
import { arbitraryEvent } from "../../../support/arbitraries.ts";

const wire = join(import.meta.dirname, "../../../../shared/wire");
const messageType = protobuf
  .loadSync(join(wire, "auction_event.proto"))
  .lookupType("gavel.v1.AuctionEvent");
const textFields: readonly TextField[] = [
  "auction_id",
  "bid_id",
  "seat",
  "segment",
  "user_key",
  "publisher",
];

test("field numbers are those of auction_event.proto", () => {
  const declared = messageType.fieldsArray.map((field) => [snakeCased(field.name), field.id]);
  expect(Object.fromEntries(declared)).toEqual(EVENT_FIELDS);
});

test("the newest revision is auction_event.proto", () => {
  const newest = readFileSync(join(wire, "revisions/2/auction_event.proto"), "utf8");
  expect(readFileSync(join(wire, "auction_event.proto"), "utf8")).toBe(newest);
});

test("decoding what was encoded gives the event back", () => {
  fc.assert(
    fc.property(arbitraryEvent, (event) => {
      expect(decodeEvent(encodeEvent(event))).toEqual(event);
    }),
  );
});

test("protobufjs reads the same fields from our bytes, and we read its bytes", () => {
  fc.assert(
    fc.property(arbitraryEvent, (event) => {
      const bytes = encodeEvent(event);
      const theirs = messageType.decode(bytes);
      const fields = messageType.toObject(theirs, { longs: String, defaults: true });
      expect(fields["auctionId"]).toBe(event.auctionId);
      expect(fields["eventTime"]).toBe(String(event.eventTimeUs));
      expect(fields["priceNanos"]).toBe("priceNanos" in event ? String(event.priceNanos) : "0");
      expect(decodeEvent(messageType.encode(theirs).finish())).toEqual(event);
    }),
  );
});

test("columns agree with the whole decoder on every event", () => {
  const columns = new EventColumns(4, textFields);
  const fingerprint = new Fingerprint();
  fc.assert(
    fc.property(arbitraryEvent, arbitraryEvent, (first, second) => {
      const parts = [Buffer.from(encodeEvent(first)), Buffer.from(encodeEvent(second))];
      const batch = Buffer.concat(parts);
      const cut = parts[0]?.length ?? 0;
      expect(columns.read(batch, 0, cut, 3)).toBe(true);
      expect(columns.read(batch, cut, batch.length, 3)).toBe(true);
      const price = (BigInt(columns.priceHigh[3] ?? 0) << 32n) | BigInt(columns.priceLow[3] ?? 0);
      expect(EVENT_TYPES[(columns.type[3] ?? 0) - 1]).toBe(second.type);
      expect(columns.eventTimeUs[3]).toBe(second.eventTimeUs);
      expect(price).toBe("priceNanos" in second ? second.priceNanos : 0n);
      const texts = {
        auction_id: second.auctionId,
        bid_id: second.bidId,
        seat: second.seat,
        segment: second.segment,
        user_key: second.userKey,
        publisher: second.publisher,
      };
      for (const field of textFields) {
        const column = columns.column(field);
        const bytes = Buffer.from(texts[field]);
        expect(column.textAt(3, batch)).toBe(texts[field]);
        fingerprint.open(bytes);
        fingerprint.of(0, bytes.length);
        const expected = bytes.length === 0 ? [0, 0] : [fingerprint.high, fingerprint.low];
        expect([column.high[3], column.low[3]]).toEqual(expected);
      }
    }),
  );
});

test("columns read numbers of every length, and of one that is repeated the last", () => {
  const columns = new EventColumns(1, []);
  const anyNumber = fc
    .tuple(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), fc.nat(62))
    .map(([bits, shift]) => bits >> BigInt(shift));
  const negative = anyNumber.map((value) => -value - 1n);
  const numbers = fc.array(fc.oneof({ weight: 4, arbitrary: anyNumber }, negative), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(numbers, numbers, (times, prices) => {
      const bytes = Buffer.concat([
        ...times.map((value) => int64Field(EVENT_FIELDS.event_time, value)),
        ...prices.map((value) => int64Field(EVENT_FIELDS.price_nanos, value)),
      ]);
      const draft = decodeDraft(bytes);
      expect(columns.read(bytes, 0, bytes.length, 0)).toBe(true);
      const price = (BigInt(columns.priceHigh[0] ?? 0) << 32n) | BigInt(columns.priceLow[0] ?? 0);
      expect("kind" in draft ? draft : [draft.eventTimeUs, draft.priceNanos]).toEqual([
        columns.eventTimeUs[0],
        BigInt.asIntN(64, price),
      ]);
    }),
    { numRuns: 1000 },
  );
});

test("a text that stands there empty, even after a full one, is as if absent", () => {
  const columns = new EventColumns(1, ["seat"]);
  const seat = [(EVENT_FIELDS.seat << 3) | 2, 2, 0x73, 0x31];
  const bytes = Buffer.from([...seat, (EVENT_FIELDS.seat << 3) | 2, 0]);
  expect(columns.read(bytes, 0, bytes.length, 0)).toBe(true);
  const { high, low } = columns.column("seat");
  expect([high[0], low[0], columns.column("seat").textAt(0, bytes)]).toEqual([0, 0, ""]);
});

test("columns call malformed exactly what the whole decoder calls undecodable", () => {
  const columns = new EventColumns(1, textFields);
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(arbitraryEvent, fc.nat(), fc.nat(255))
      .map(([event, place, byte]) => damagedAt(encodeEvent(event), place, byte)),
    fc.tuple(arbitraryEvent, fc.nat()).map(([event, cut]) => {
      const bytes = encodeEvent(event);
      return bytes.subarray(0, cut % bytes.length);
    }),
  );
  fc.assert(
    fc.property(damaged, (bytes) => {
      const whole = decodeEvent(bytes);
      const isMalformed = "kind" in whole && whole.reason === "undecodable";
      // What stands behind an event in its batch is another's: neither its end nor its last varint's.
      for (const behind of [[], [0x00, 0x00], new Array(12).fill(0xff)]) {
        const batch = Uint8Array.from([...bytes, ...behind]);
        expect(columns.read(batch, 0, bytes.length, 0)).toBe(!isMalformed);
      }
    }),
    { numRuns: 2000 },
  );
});

test("every earlier revision reads the newest bytes, and the newest code reads every revision's", () => {
  for (const revision of [1, 2]) {
    const old = protobuf
      .loadSync(join(wire, `revisions/${revision}/auction_event.proto`))
      .lookupType("gavel.v1.AuctionEvent");
    fc.assert(
      fc.property(arbitraryEvent, (event) => {
        const seenByOld = old.decode(encodeEvent(event));
        const known = revision === 1 ? { ...event, dealId: "" } : event;
        expect(decodeEvent(old.encode(seenByOld).finish())).toEqual(known);
      }),
      { numRuns: 50 },
    );
  }
});

function int64Field(field: number, value: bigint): Buffer {
  const bytes = [field << 3];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

function damagedAt(bytes: Uint8Array, place: number, byte: number): Uint8Array {
  const damaged = Uint8Array.from(bytes);
  damaged[place % damaged.length] = byte;
  return damaged;
}

function snakeCased(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
