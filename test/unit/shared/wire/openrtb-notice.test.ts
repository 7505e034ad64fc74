import fc from "fast-check";
import {
  type NoticeType,
  readNoticeJson,
  readNoticeQuery,
} from "../../../../shared/wire/openrtb-notice.ts";

const options = {
  source: "exchange-1",
  defaultRegion: "eu",
  receivedTimeUs: 1_767_225_600_000_000,
} as const;
const bid = "auction_id=a1&seat_id=s1&bid_id=b1";

test("a win's CPM becomes whole nanos of one impression, and its bid id is its own", () => {
  expect(readNoticeQuery("win", `${bid}&price=2.375001&currency=EUR`, options)).toMatchObject({
    type: "win",
    bidId: "exchange-1/a1/s1/b1",
    eventId: "win:exchange-1/a1/s1/b1",
    priceNanos: 2_375_001n,
    currency: "EUR",
    region: "eu",
    source: "exchange-1",
    eventTimeUs: options.receivedTimeUs,
  });
});

test("the macros' own names and JSON say the same as our parameters", () => {
  const query =
    "AUCTION_ID=a1&AUCTION_SEAT_ID=s1&AUCTION_BID_ID=b1&AUCTION_PRICE=1.5&timestamp=1767225601";
  const json =
    '{"auction_id":"a1","seat_id":"s1","bid_id":"b1","price":1.5,"timestamp":"2026-01-01T00:00:01Z"}';
  const notice = readNoticeQuery("billing", query, options);
  expect(notice).toMatchObject({ type: "billing", priceNanos: 1_500_000n });
  expect(readNoticeJson("billing", json, options)).toEqual(notice);
});

test("a loss needs no price and carries its reason", () => {
  expect(readNoticeQuery("loss", `${bid}&loss=102`, options)).toMatchObject({ lossReason: 102 });
  expect(readNoticeQuery("loss", `${bid}&loss=\${AUCTION_LOSS}`, options)).toMatchObject({
    lossReason: 0,
  });
});

test.each<[NoticeType, string, string, string]>([
  ["win", `${bid}&price=`, "priceMacroEmpty", "price"],
  ["win", `${bid}&price=AUDIT`, "priceMacroEmpty", "price"],
  ["win", `${bid}&price=\${AUCTION_PRICE}`, "priceMacroEmpty", "price"],
  ["billing", bid, "priceMacroEmpty", "price"],
  ["win", `${bid}&price=0.0000001`, "tooManyDecimals", "price"],
  ["win", `${bid}&price=-1`, "negativePrice", "price"],
  ["win", `${bid}&price=1e400`, "priceOutOfRange", "price"],
  ["win", `${bid}&price=free`, "badPrice", "price"],
  ["win", `${bid}&price=1&price=2`, "duplicateField", "price"],
  ["win", `${bid}&price=1&currency=usd`, "unknownCurrency", "currency"],
  ["win", `${bid}&price=1&region=moon`, "unknownRegion", "region"],
  ["win", `${bid}&price=1&timestamp=yesterday`, "badTimestamp", "timestamp"],
  ["win", "auction_id=a1&seat_id=s1&price=1", "missingField", "bid_id"],
  ["win", `auction_id=a1&seat_id=s1&bid_id=${"b".repeat(128)}&price=1`, "badId", "bid_id"],
  ["loss", `${bid}&loss=outbid`, "badCode", "loss"],
])("%s?%s is refused: %s", (type, query, reason, field) => {
  expect(readNoticeQuery(type, query, options)).toMatchObject({ kind: "refusal", reason, field });
});

test("no text makes a notice throw", () => {
  const types = fc.constantFrom<NoticeType>("win", "billing", "loss");
  fc.assert(
    fc.property(types, fc.oneof(fc.string(), fc.json()), (type, text) => {
      for (const notice of [
        readNoticeQuery(type, text, options),
        readNoticeQuery(type, `${bid}&price=${text}`, options),
        readNoticeJson(type, text, options),
      ]) {
        expect("type" in notice || notice.kind === "refusal").toBe(true);
      }
    }),
  );
});
