import protobuf from "protobufjs";
import type { WindowRow } from "../../../../shared/core/window/window-rows.ts";
import { rowColumnsOf } from "../../../../shared/io/table-writer.ts";
import { tableOf } from "../../../../shared/schema/warehouse.ts";
import { CHANGE_COLUMNS, UpsertEncoder } from "../../../../shared/wire/upsert-encoder.ts";
import { CountRowWriter } from "../../../../workers/window/window-row.ts";

const START_MS = 1_767_225_600_000;
const row: WindowRow = {
  auctionId: "auction-1",
  sizeMs: 300_000,
  slideMs: 60_000,
  startMs: START_MS,
  revision: 31,
  timing: "late",
  bidCount: 3,
  priceSumNanos: 9_223_372_036_854_775_807n,
  priceMinNanos: 227_000_000n,
  priceMaxNanos: 1n,
  firstBidUs: START_MS * 1000 + 1,
  lastBidUs: START_MS * 1000 + 2,
};

test("each value of a window's row stands in the column of auction_counts that has its name", () => {
  const columns = rowColumnsOf(tableOf("auction_counts"));
  const message = new protobuf.Type("Row");
  for (const [index, { name, type }] of [...columns, ...CHANGE_COLUMNS].entries()) {
    message.add(new protobuf.Field(name.replace(/^_/, ""), index + 1, type));
  }
  new protobuf.Root().add(message);
  const encoder = new UpsertEncoder(columns);
  const writer = new CountRowWriter("us");
  writer.write(row, encoder);
  writer.write({ ...row, priceSumNanos: 2n, timing: "early", revision: 32 }, encoder);
  const read = encoder
    .take()
    .map((bytes) => message.toObject(message.decode(bytes), { longs: Number }));
  const first = {
    window_size_s: 300,
    window_slide_s: 60,
    auction_id: "auction-1",
    window_start: START_MS * 1000,
    window_end: (START_MS + 300_000) * 1000,
    region: "us",
    bid_count: 3,
    price_sum: "9223372036.854775807",
    price_min: "0.227",
    price_max: "0.000000001",
    first_bid_time: START_MS * 1000 + 1,
    last_bid_time: START_MS * 1000 + 2,
    revision: 31,
    pane_timing: "late",
    CHANGE_TYPE: "UPSERT",
    CHANGE_SEQUENCE_NUMBER: "1f/2",
  };
  const second = { price_sum: "0.000000002", pane_timing: "early", revision: 32 };
  expect(read).toEqual([first, { ...first, ...second, CHANGE_SEQUENCE_NUMBER: "20/0" }]);
});

test("a row of too few or too many values is refused", () => {
  const encoder = new UpsertEncoder([{ name: "id", type: "int64", isRepeated: false }]);
  expect(() => encoder.end("0")).toThrow("a row has 1 values");
  encoder.next(1);
  expect(() => encoder.next(2)).toThrow("no more values than columns");
});
