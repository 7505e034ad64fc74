import { formatNanos } from "../../shared/core/money.ts";
import { writeRecord } from "../../shared/wire/log-form/write-record.ts";
import { aPayment } from "../support/builders.ts";
import type { IngestRequest } from "../support/ingest-client.ts";
import {
  type Notice,
  type NoticeAttempt,
  NoticeForger,
  noticeRequest,
  signedAnew,
} from "./forged-notices.ts";

const SOURCE = "exchange-us";
const SEATS = 8;
/** Ways to contradict a bid. */
const WAYS = 4;
/** Prices are CPMs; a bid's own is 9 and its number in micros. */
const PRICE_MICROS = 9_000_000;

/** A bid that was won and paid through ingest. */
export interface AttackedBid {
  readonly number: number;
  /** As the ledger knows it. */
  readonly bidId: string;
  readonly seat: string;
  readonly priceNanos: bigint;
  readonly currency: string;
}

export function attackedBid(number: number): AttackedBid {
  const seat = `seat-${number % SEATS}`;
  return {
    number,
    bidId: `${SOURCE}/a${number}/${seat}/b${number}`,
    seat,
    priceNanos: BigInt(PRICE_MICROS + number),
    currency: number % 3 === 0 ? "EUR" : "USD",
  };
}

/** The notice of its win, as its exchange sends it. */
export function winOf({ number, seat, priceNanos, currency }: AttackedBid): Notice {
  const price = formatNanos(priceNanos * 1000n);
  const fields = { auction_id: `a${number}`, bid_id: `b${number}`, seat_id: seat, price, currency };
  return { type: "win", fields };
}

/** A request that says that bids were paid, unsigned; by default each in full, by its own payment. */
export function paymentsOf(
  bids: readonly AttackedBid[],
  more: { readonly priceNanos?: bigint; readonly paymentId?: string } = {},
): IngestRequest {
  const events = bids.map(({ number, bidId, seat, priceNanos, currency }) =>
    aPayment({
      ...{ bidId, seat, currency, priceNanos, source: SOURCE, auctionId: `a${number}` },
      ...{ paymentId: `p${number}`, eventId: `payment:p${number}` },
      ...more,
    }),
  );
  const headers = { "Content-Type": "application/x-ndjson" };
  return {
    method: "POST",
    target: "/v1/events",
    headers,
    body: events.map(writeRecord).join("\n"),
  };
}

/**
 * Whoever wants to move money that is settled: forges notices of all bids, and holding the exchange's own
 * key contradicts what it said of the first `contradicted` of them.
 */
export class NoticeAttacker {
  readonly #random: () => number;
  readonly #bids: readonly AttackedBid[];
  readonly #contradicted: readonly AttackedBid[];
  readonly #forger: NoticeForger;
  #contradictions = 0;

  constructor(random: () => number, bids: readonly AttackedBid[], contradicted: number) {
    this.#random = random;
    this.#bids = bids;
    this.#contradicted = bids.slice(0, contradicted);
    this.#forger = new NoticeForger(random, () => winOf(this.#oneOf(bids)));
  }

  next(): NoticeAttempt {
    const chance = this.#random();
    if (chance < 0.02) return this.#contradiction();
    const bid = this.#oneOf(this.#bids);
    if (chance < 0.04) {
      const paid = paymentsOf([bid], { priceNanos: bid.priceNanos * 2n });
      return { kind: "another's bid", request: signedAnew(paid, "eu-1"), isHonest: false };
    }
    if (chance < 0.06) {
      const old = signedAnew(noticeRequest(winOf(bid), "GET"), "us-1", 3600);
      return { kind: "stale", request: old, isHonest: false };
    }
    return this.#forger.next();
  }

  /** Notes an honest request that was taken: from then on it can be replayed. */
  noteTaken({ kind, request }: NoticeAttempt): void {
    if (kind === "honest") this.#forger.noteTaken(request);
  }

  /**
   * Signed as it should be, and accepted; but the same identity said otherwise before. Bid after bid, and
   * each in one way alone, so that no way hides behind another.
   */
  #contradiction(): NoticeAttempt {
    const index = this.#contradictions++ % this.#contradicted.length;
    const bid = this.#contradicted[index] ?? attackedBid(0);
    const other = {
      ...bid,
      priceNanos: bid.priceNanos + BigInt(1 + Math.floor(this.#random() * 5)),
    };
    const win = (fields: AttackedBid): IngestRequest => noticeRequest(winOf(fields), "POST");
    switch (index % WAYS) {
      case 0:
        return contradiction("conflicting price", win(other));
      case 1:
        return contradiction("conflicting currency", win({ ...bid, currency: "JPY" }));
      case 2:
        return contradiction("conflicting payment", paymentsOf([other]));
      default: {
        const home = this.#contradicted[index - WAYS] ?? this.#contradicted[index + WAYS];
        const paymentId = `p${home?.number}`;
        return contradiction("payment of another bid", paymentsOf([bid], { paymentId }));
      }
    }
  }

  #oneOf(bids: readonly AttackedBid[]): AttackedBid {
    return bids[Math.floor(this.#random() * bids.length)] ?? attackedBid(0);
  }
}

function contradiction(kind: string, request: IngestRequest): NoticeAttempt {
  return { kind, request: signedAnew(request, "us-1"), isHonest: true };
}
