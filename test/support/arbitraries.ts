import fc from "fast-check";
import { isCurrency } from "../../shared/core/auction/currency.ts";
import { type AuctionEvent, REGIONS } from "../../shared/core/auction/event.ts";
import {
  EVENT_TIME_MAX_US,
  EVENT_TIME_MIN_US,
  isPrintable,
} from "../../shared/core/auction/read-event.ts";
import { NANOS_MAX } from "../../shared/core/money.ts";

const asciiId = fc.stringMatching(/^[\x21-\x7e]{1,128}$/);
const unicodeId = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((text) => isPrintable(text));
const id = fc.oneof({ weight: 3, arbitrary: asciiId }, unicodeId);
const optionalText = fc.oneof(fc.constant(""), id);
const amount = fc.oneof(
  fc.bigInt({ min: 0n, max: NANOS_MAX }),
  fc.bigInt({ min: 0n, max: 5_000_000_000n }),
  fc.constantFrom(0n, 1n, NANOS_MAX),
);
const currency = fc.constantFrom("USD", "EUR", "CNY", "JPY", "BHD").filter(isCurrency);

const fields = {
  eventId: id,
  auctionId: id,
  bidId: id,
  eventTimeUs: fc.integer({ min: EVENT_TIME_MIN_US, max: EVENT_TIME_MAX_US - 1 }),
  region: fc.constantFrom(...REGIONS),
  seat: optionalText,
  segment: optionalText,
  userKey: optionalText,
  publisher: optionalText,
  deviceType: fc.integer({ min: 0, max: 8 }),
  source: optionalText,
  dealId: optionalText,
};
const money = { priceNanos: amount, currency };

/** Any valid event of any type. */
export const arbitraryEvent: fc.Arbitrary<AuctionEvent> = fc.oneof(
  fc.record({ ...fields, ...money, type: fc.constantFrom("bid", "win", "billing") }),
  fc.record({ ...fields, ...money, type: fc.constant("payment"), paymentId: id }),
  fc.record({ ...fields, type: fc.constant("loss"), lossReason: fc.nat(99_999) }),
  fc.record({ ...fields, type: fc.constantFrom("impression", "click", "void") }),
) as fc.Arbitrary<AuctionEvent>; // fc.oneof widens the union of records to one record of unions.
