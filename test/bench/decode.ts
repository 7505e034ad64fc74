/**
 * Events decoded per CPU second, on the same events in one run: JSON.parse, protobufjs (`Type.decode`
 * compiles the code that its static target writes), pbf (the field loop that its compiler writes), and
 * EventColumns with what the window worker asks for. Rounds take turns, so that a change of the
 * machine's speed strikes all of them; medians are shown.
 */
import { join } from "node:path";
import { PbfReader } from "pbf";
import protobuf from "protobufjs";
import { encodeEvent } from "../../shared/wire/event-codec.ts";
import { EventColumns } from "../../shared/wire/event-columns.ts";
import { randomBids } from "../support/builders.ts";
import { median } from "./print-figures.ts";

const EVENTS = 20_000;
const BUNDLE = 1000;
const ROUNDS = 9;
const ROUND_MS = 250;

const events = randomBids(1, EVENTS, 2000);
const encoded = events.map((event) => Buffer.from(encodeEvent(event)));
const batch = Buffer.concat(encoded);
const starts = new Uint32Array(EVENTS + 1);
for (const [index, bytes] of encoded.entries()) {
  starts[index + 1] = (starts[index] ?? 0) + bytes.length;
}
const texts = events.map((event) =>
  JSON.stringify({ ...event, priceNanos: undefined, bid_price: Number(event.priceNanos) / 1e9 }),
);
const messageType = protobuf
  .loadSync(join(import.meta.dirname, "../../shared/wire/auction_event.proto"))
  .lookupType("gavel.v1.AuctionEvent");
const columns = new EventColumns(BUNDLE, ["auction_id", "bid_id", "segment"]);

/** Something of every event, so that no decoder's work can be optimised away. */
let checksum = 0;

const contenders: Readonly<Record<string, () => void>> = {
  "JSON.parse": () => {
    for (const text of texts) checksum += JSON.parse(text).eventTimeUs % 7;
  },
  "protobufjs static": () => {
    for (const bytes of encoded) checksum += messageType.decode(bytes).toString.length;
  },
  pbf: () => {
    for (const bytes of encoded) checksum += readPbfEvent(bytes).time;
  },
  "gavel columns": () => {
    for (let index = 0; index < EVENTS; index++) {
      columns.read(batch, starts[index] ?? 0, starts[index + 1] ?? 0, index % BUNDLE);
      checksum += columns.type[index % BUNDLE] ?? 0;
    }
  },
};

interface PbfEvent {
  time: number;
  [field: number]: string | number;
}

function readPbfEvent(bytes: Uint8Array): PbfEvent {
  return new PbfReader(bytes).readFields(readPbf, { time: 0 });
}

function readPbf(tag: number, event: PbfEvent, reader: PbfReader): void {
  if (tag === 5) event.time = reader.readVarint(true);
  else if (tag === 11 || tag === 12 || tag === 15) event[tag] = reader.readVarint(true);
  else event[tag] = reader.readString();
}

/** Events per CPU second of one round: the work repeated until the round's time is over. */
function measure(work: () => void): number {
  const start = process.cpuUsage();
  let passes = 0;
  let spentUs = 0;
  while (spentUs < ROUND_MS * 1000) {
    work();
    passes++;
    const { user, system } = process.cpuUsage(start);
    spentUs = user + system;
  }
  return (passes * EVENTS * 1e6) / spentUs;
}

const rates = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]));
for (const work of Object.values(contenders)) measure(work);
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, work] of Object.entries(contenders)) rates.get(name)?.push(measure(work));
}
const bytesPerEvent = (batch.length / EVENTS).toFixed(0);
process.stdout.write(`${EVENTS} bids of ${bytesPerEvent} B, median of ${ROUNDS} rounds\n\n`);
process.stdout.write("decoder             events/CPU s   of protobufjs static\n");
const base = median(rates.get("protobufjs static") ?? []);
for (const [name, values] of rates) {
  const rate = median(values);
  process.stdout.write(
    `${name.padEnd(18)} ${Math.round(rate).toLocaleString("en-US").padStart(13)}   ${(rate / base).toFixed(2)}\n`,
  );
}
process.stdout.write(`\nchecksum ${checksum}\n`);
