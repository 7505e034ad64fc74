import { type EventType, typeCodeOf } from "../../shared/core/auction/event.ts";
import { MAX_FUTURE_SKEW_MS } from "../../shared/core/auction/future-skew.ts";
import { EVENT_TIME_MAX_US, EVENT_TIME_MIN_US } from "../../shared/core/auction/read-event.ts";
import { formatNanos } from "../../shared/core/money.ts";
import type {
  SegmentCollector,
  SegmentEvents,
} from "../../shared/core/segment/segment-collector.ts";
import { nanosOf } from "../../shared/core/window/price-sum.ts";
import type { EventOutcome, WindowEngine } from "../../shared/core/window/window-engine.ts";
import { type PoisonMessage, refusalDetail, tooFarInFuture } from "../../shared/io/dead-letter.ts";
import type { PulledBundle } from "../../shared/io/pull-stream.ts";
import type { Upsert } from "../../shared/io/table-writer.ts";
import { decodeEvent } from "../../shared/wire/event-codec.ts";
import { EventColumns, type TextColumn } from "../../shared/wire/event-columns.ts";
import type { PulledMessages } from "../../shared/wire/pull-response.ts";

/** What counting a bundle in memory came to. */
export interface CountedBundle {
  readonly outcomes: Record<EventOutcome, number>;
  readonly late: readonly Upsert[];
  readonly poison: readonly PoisonMessage[];
}

interface CountingBundle extends CountedBundle {
  readonly late: Upsert[];
  readonly poison: PoisonMessage[];
}

/**
 * Decodes bundles in place and counts them in the engine. Made once a worker; its columns are filled
 * again for every response.
 */
export class BundleCounter {
  readonly #engine: WindowEngine;
  readonly #segments: SegmentCollector;
  readonly #region: string;
  #rows = new BundleRows(1024);
  #orderingKey = "";

  constructor(engine: WindowEngine, segments: SegmentCollector, region: string) {
    this.#engine = engine;
    this.#segments = segments;
    this.#region = region;
  }

  /** Counts every message of a bundle, in windows and segments. Nothing of it is committed yet. */
  count(bundle: PulledBundle): CountedBundle {
    this.#segments.clear();
    const outcomes = { counted: 0, repeated: 0, duplicate: 0, conflict: 0, late: 0, unknowable: 0 };
    const counted = { outcomes, late: [], poison: [] };
    for (const messages of bundle.responses) {
      if (messages.count > this.#rows.capacity) this.#rows = new BundleRows(messages.count * 2);
      for (let index = 0; index < messages.count; index++) {
        this.#countMessage(messages, index, counted);
      }
    }
    return counted;
  }

  #countMessage(messages: PulledMessages, index: number, counted: CountingBundle): void {
    const fault = this.#read(messages, index);
    if (fault !== undefined) {
      counted.poison.push({ messages, index, ...fault });
      return;
    }
    const outcome = this.#engine.count(this.#rows, index, this.#orderingKey);
    // Nearly all are counted: a place that is named costs less than one that is looked up.
    if (outcome === "counted") counted.outcomes.counted++;
    else counted.outcomes[outcome]++;
    if (outcome === "counted" || outcome === "repeated") this.#segments.add(this.#rows, index);
    else if (outcome === "late") counted.late.push(this.#lateUpsert(messages, index));
    else if (outcome === "conflict") counted.poison.push({ messages, index, ...conflictingPrice });
  }

  /** Reads one message into its row; a fault where it can never be counted. */
  #read(messages: PulledMessages, index: number): { reason: string; detail: string } | undefined {
    if (!messages.sharesKey(index)) {
      this.#orderingKey = messages.text(messages.orderingKey, index);
    }
    const rows = this.#rows;
    if (!rows.read(messages, index)) {
      const { bytes, data } = messages;
      return explained(bytes.subarray(data[2 * index], data[2 * index + 1]));
    }
    const aheadMs = (rows.eventTimeUs[index] as number) / 1000 - MAX_FUTURE_SKEW_MS;
    return aheadMs > (messages.publishTimeMs[index] as number) ? tooFarInFuture : undefined;
  }

  #lateUpsert(messages: PulledMessages, index: number): Upsert {
    const rows = this.#rows;
    const eventTimeUs = rows.eventTimeUs[index] ?? 0;
    const price = nanosOf(rows.priceHigh[index] ?? 0, rows.priceLow[index] ?? 0);
    const watermarkMs = this.#engine.watermarkOf(this.#orderingKey);
    const lateByMs = Math.floor(watermarkMs - eventTimeUs / 1000);
    return {
      row: {
        bid_id: rows.bid.textAt(index, rows.bytes),
        type: typeNames.get(rows.type[index] ?? 0) ?? "",
        event_time: eventTimeUs,
        auction_id: rows.auctionId(index),
        region: this.#region,
        segment: rows.segmentName(index),
        price: formatNanos(price),
        publish_time: (messages.publishTimeMs[index] ?? 0) * 1000,
        watermark: watermarkMs * 1000,
        late_by_ms: lateByMs,
      },
      sequence: "0",
    };
  }
}

const countedTypeNames: readonly EventType[] = ["bid", "win", "click"];
const typeNames = new Map(countedTypeNames.map((type) => [typeCodeOf(type), type]));
/** By type code. */
const isCounted: boolean[] = [];
for (const code of typeNames.keys()) isCounted[code] = true;

const conflictingPrice = {
  reason: "conflictingPrice",
  detail: "The bid was counted at another price before; the first price stands.",
};

/** The events of one response, a row a message. */
class BundleRows implements SegmentEvents {
  readonly capacity: number;
  readonly type: Uint8Array;
  readonly eventTimeUs: Float64Array;
  readonly priceHigh: Uint32Array;
  readonly priceLow: Uint32Array;
  readonly auction: TextColumn;
  readonly bid: TextColumn;
  readonly segment: TextColumn;
  readonly user: TextColumn;
  readonly seat: TextColumn;
  /** What the rows were read from last. */
  bytes: Buffer = Buffer.alloc(0);
  readonly #columns: EventColumns;

  constructor(capacity: number) {
    const fields = ["auction_id", "bid_id", "segment", "user_key", "seat"] as const;
    const columns = new EventColumns(capacity, fields);
    this.capacity = capacity;
    this.type = columns.type;
    this.eventTimeUs = columns.eventTimeUs;
    this.priceHigh = columns.priceHigh;
    this.priceLow = columns.priceLow;
    this.auction = columns.column("auction_id");
    this.bid = columns.column("bid_id");
    this.segment = columns.column("segment");
    this.user = columns.column("user_key");
    this.seat = columns.column("seat");
    this.#columns = columns;
  }

  /** Reads one message; false where it has not what counting needs: the whole decoder explains that. */
  read({ bytes, data }: PulledMessages, index: number): boolean {
    this.bytes = bytes;
    const start = data[2 * index] as number;
    const end = data[2 * index + 1] as number;
    if (!this.#columns.read(bytes, start, end, index)) return false;
    const timeUs = this.eventTimeUs[index] as number;
    return (
      isCounted[this.type[index] as number] === true &&
      this.auction.end[index] !== this.auction.start[index] &&
      this.bid.end[index] !== this.bid.start[index] &&
      timeUs >= EVENT_TIME_MIN_US &&
      timeUs < EVENT_TIME_MAX_US
    );
  }

  auctionId(row: number): string {
    return this.auction.textAt(row, this.bytes);
  }

  segmentName(row: number): string {
    return this.segment.textAt(row, this.bytes);
  }
}

/** Why a message that the fast reader did not take is none, by the whole decoder's word. */
function explained(bytes: Uint8Array): { reason: string; detail: string } {
  const event = decodeEvent(bytes);
  if ("kind" in event) return { reason: event.reason, detail: refusalDetail(event) };
  return {
    reason: "unexpectedType",
    detail: `This subscription takes ${countedTypeNames.join(", ")}, not ${event.type}: mend its filter.`,
  };
}
