import { deadLetterUpsert, type PoisonMessage } from "../../shared/io/dead-letter.ts";
import { type FinanceWriters, publishBids } from "../../shared/io/finance-upserts.ts";
import type { PulledBundle } from "../../shared/io/pull-stream.ts";
import { type BatchOptions, settleBatches } from "../../shared/io/settle-batches.ts";
import type { SettlementStore, StoredBid } from "../../shared/io/settlement-store.ts";
import type { TimedEvent } from "../../shared/io/settlement-writes.ts";
import type { TableWriter } from "../../shared/io/table-writer.ts";
import { decodeBundle, type PulledNotice } from "./decode-bundle.ts";

export interface SettlementPorts extends FinanceWriters, BatchOptions {
  readonly store: SettlementStore;
  readonly deadLetters: TableWriter;
}

/** Settles bundles of one region's subscription. Invariants S1 to S11 of shared/SPEC.md. */
export class SettlementWorker {
  readonly #ports: SettlementPorts;
  readonly #subscription: string;

  constructor(ports: SettlementPorts, subscription: string) {
    this.#ports = ports;
    this.#subscription = subscription;
  }

  /** Commits what the bundle settles, then publishes; resolves when it may be acked. */
  async process(bundle: PulledBundle): Promise<void> {
    const { store, deadLetters, clock, metrics } = this.#ports;
    const { notices, poison } = decodeBundle(bundle);
    const settled = await settleBatches(store, notices, this.#ports);
    const byEvent = new Map<TimedEvent["event"], PulledNotice>(
      notices.map((notice) => [notice.event, notice]),
    );
    const dead = [
      ...poison,
      ...settled.refused.flatMap(({ events, reason }) =>
        events.flatMap(({ event }) => deadOf(byEvent.get(event), "unsettleable", reason)),
      ),
      ...overLimitOf(settled.bids).flatMap((event) =>
        deadOf(byEvent.get(event), "overLimit", "The bid has as many notices as it may have."),
      ),
    ];
    const startMs = clock.nowMs();
    const [rows] = await Promise.all([
      publishBids(this.#ports, newestOf(settled.bids)),
      deadLetters.upsert(dead.map((each) => deadLetterUpsert(this.#subscription, each))),
    ]);
    metrics.observe("publish_ms", clock.nowMs() - startMs);
    metrics.add("rows_published", rows);
    metrics.add("dead_letters", dead.length);
    this.#note(settled.bids);
  }

  #note(bids: readonly StoredBid[]): void {
    const { metrics } = this.#ports;
    for (const { outcome } of bids.flatMap(({ outcomes }) => outcomes)) {
      metrics.add(metricOf[outcome]);
    }
    metrics.add("bids_settled", bids.length);
  }
}

const metricOf = {
  recorded: "notices_recorded",
  duplicate: "notices_duplicate",
  disputed: "notices_disputed",
  overLimit: "notices_over_limit",
} as const;

function deadOf(notice: PulledNotice | undefined, reason: string, detail: string): PoisonMessage[] {
  return notice === undefined ? [] : [{ ...notice, reason, detail }];
}

function overLimitOf(bids: readonly StoredBid[]): TimedEvent["event"][] {
  return bids.flatMap(({ outcomes }) =>
    outcomes.filter(({ outcome }) => outcome === "overLimit").map(({ event }) => event),
  );
}

/** A bid that several transactions of the bundle settled, once, with all of its entries. */
function newestOf(bids: readonly StoredBid[]): StoredBid[] {
  return [...Map.groupBy(bids, ({ settlement }) => settlement.bidId).values()].flatMap((own) => {
    const newest = own.at(-1);
    return newest === undefined ? [] : [{ ...newest, entries: own.flatMap((b) => b.entries) }];
  });
}
