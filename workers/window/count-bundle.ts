import { type EventType, typeCodeOf } from "../../shared/core/auction/event.ts";
import { MAX_FUTURE_SKEW_MS } from "../../shared/core/auction/future-skew.ts";
import { EVENT_TIME_MAX_US, EVENT_TIME_MIN_US } from "../../shared/core/auction/read-event.ts";
import { formatNanos } from "../../shared/core/money.ts";
import type {
  SegmentCollector,
  SegmentEvent,
} from "../../shared/core/segment/segment-collector.ts";
import type { EventEntry } from "../../shared/core/window/event-table.ts";
import { nanosOf } from "../../shared/core/window/price-sum.ts";
import type {
  EventOutcome,
  EventView,
  WindowEngine,
} from "../../shared/core/window/window-engine.ts";
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

/**
 * Decodes bundles in place and counts them in the engine. Made once a worker; its columns are filled
 * again for every response.
 */
export class BundleCounter implements EventView, SegmentEvent {
  readonly entry: EventEntry = {
    high: 0,
    low: 0,
    priceHigh: 0,
    priceLow: 0,
    typeCode: 0,
    eventTimeUs: 0,
  };
  auctionHigh = 0;
  auctionLow = 0;
  orderingKey = "";
  segmentHigh = 0;
  segmentLow = 0;
  userHash = 0;
  seatHash = 0;
  readonly #engine: WindowEngine;
  readonly #segments: SegmentCollector;
  readonly #region: string;
  #columns: BidColumns = newColumns(1024);
  #messages: PulledMessages | undefined;
  #row = 0;

  constructor(engine: WindowEngine, segments: SegmentCollector, region: string) {
    this.#engine = engine;
    this.#segments = segments;
    this.#region = region;
  }

  /** Counts every message of a bundle, in windows and segments. Nothing of it is committed yet. */
  count(bundle: PulledBundle): CountedBundle {
    this.#segments.clear();
    const outcomes = { counted: 0, repeated: 0, duplicate: 0, conflict: 0, late: 0, unknowable: 0 };
    const late: Upsert[] = [];
    const poison: PoisonMessage[] = [];
    for (const messages of bundle.responses) {
      this.#open(messages);
      for (let index = 0; index < messages.count; index++) {
        const fault = this.#read(messages, index);
        if (fault !== undefined) {
          poison.push({ messages, index, ...fault });
          continue;
        }
        const outcome = this.#countRow(index);
        outcomes[outcome]++;
        if (outcome === "late") late.push(this.#lateUpsert(messages, index));
        if (outcome === "conflict") poison.push({ messages, index, ...conflictingPrice });
      }
    }
    return { outcomes, late, poison };
  }

  auctionId(): string {
    return this.#text(this.#columns.auction);
  }

  segment(): string {
    return this.#text(this.#columns.segment);
  }

  #countRow(row: number): EventOutcome {
    const outcome = this.#engine.count(this);
    if (outcome !== "counted" && outcome !== "repeated") return outcome;
    const { segment, user, seat } = this.#columns;
    this.segmentHigh = segment.high[row] ?? 0;
    this.segmentLow = segment.low[row] ?? 0;
    this.userHash = user.low[row] ?? 0;
    this.seatHash = seat.low[row] ?? 0;
    this.#segments.add(this);
    return outcome;
  }

  #open(messages: PulledMessages): void {
    this.#messages = messages;
    this.orderingKey = "";
    if (messages.count > this.#columns.events.capacity)
      this.#columns = newColumns(messages.count * 2);
  }

  /** Reads one message into the view; a fault where it can never be counted. */
  #read(messages: PulledMessages, index: number): { reason: string; detail: string } | undefined {
    if (index === 0 || !sameKey(messages, index)) {
      this.orderingKey = messages.text(messages.orderingKey, index);
    }
    const { events } = this.#columns;
    const start = messages.data[2 * index] ?? 0;
    const end = messages.data[2 * index + 1] ?? 0;
    if (!events.read(messages.bytes, start, end, index) || !this.#isWhole(index)) {
      return explained(messages.bytes.subarray(start, end));
    }
    const timeUs = events.eventTimeUs[index] ?? 0;
    const publishMs = messages.publishTimeMs[index] ?? 0;
    if (timeUs / 1000 > publishMs + MAX_FUTURE_SKEW_MS) return tooFarInFuture;
    this.#show(index);
    return undefined;
  }

  /** Whether the row has what counting needs; the whole decoder explains where it has not. */
  #isWhole(row: number): boolean {
    const { events, auction, bid } = this.#columns;
    const timeUs = events.eventTimeUs[row] ?? 0;
    return (
      isCounted[events.type[row] ?? 0] === true &&
      auction.end[row] !== auction.start[row] &&
      bid.end[row] !== bid.start[row] &&
      timeUs >= EVENT_TIME_MIN_US &&
      timeUs < EVENT_TIME_MAX_US
    );
  }

  #show(row: number): void {
    const { events, auction, bid } = this.#columns;
    this.#row = row;
    this.auctionHigh = auction.high[row] ?? 0;
    this.auctionLow = auction.low[row] ?? 0;
    this.entry.high = bid.high[row] ?? 0;
    this.entry.low = bid.low[row] ?? 0;
    this.entry.priceHigh = events.priceHigh[row] ?? 0;
    this.entry.priceLow = events.priceLow[row] ?? 0;
    this.entry.typeCode = events.type[row] ?? 0;
    this.entry.eventTimeUs = events.eventTimeUs[row] ?? 0;
  }

  #text(column: TextColumn): string {
    return column.textAt(this.#row, this.#messages?.bytes ?? NO_BYTES);
  }

  #lateUpsert(messages: PulledMessages, index: number): Upsert {
    const { entry } = this;
    const watermarkMs = this.#engine.watermarkOf(this.orderingKey);
    const lateByMs = Math.floor(watermarkMs - entry.eventTimeUs / 1000);
    return {
      row: {
        bid_id: this.#text(this.#columns.bid),
        type: typeNames.get(entry.typeCode) ?? "",
        event_time: entry.eventTimeUs,
        auction_id: this.auctionId(),
        region: this.#region,
        segment: this.segment(),
        price: formatNanos(nanosOf(entry.priceHigh, entry.priceLow)),
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
const NO_BYTES = Buffer.alloc(0);

const conflictingPrice = {
  reason: "conflictingPrice",
  detail: "The bid was counted at another price before; the first price stands.",
};

/** What is read of a response's events. */
interface BidColumns {
  readonly events: EventColumns;
  readonly auction: TextColumn;
  readonly bid: TextColumn;
  readonly segment: TextColumn;
  readonly user: TextColumn;
  readonly seat: TextColumn;
}

function newColumns(capacity: number): BidColumns {
  const fields = ["auction_id", "bid_id", "segment", "user_key", "seat"] as const;
  const events = new EventColumns(capacity, fields);
  return {
    events,
    auction: events.column("auction_id"),
    bid: events.column("bid_id"),
    segment: events.column("segment"),
    user: events.column("user_key"),
    seat: events.column("seat"),
  };
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

/** Whether a message has the ordering key of the one before it; most have. */
function sameKey(messages: PulledMessages, index: number): boolean {
  const { orderingKey, bytes } = messages;
  const start = orderingKey[2 * index] ?? 0;
  const length = (orderingKey[2 * index + 1] ?? 0) - start;
  const before = orderingKey[2 * index - 2] ?? 0;
  if ((orderingKey[2 * index - 1] ?? 0) - before !== length) return false;
  for (let at = 0; at < length; at++) if (bytes[start + at] !== bytes[before + at]) return false;
  return true;
}
