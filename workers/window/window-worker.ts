import type { SegmentCollector } from "../../shared/core/segment/segment-collector.ts";
import type { WindowEngine } from "../../shared/core/window/window-engine.ts";
import type { WindowRow } from "../../shared/core/window/window-rows.ts";
import type { AuctionLog } from "../../shared/io/auction-log.ts";
import { deadLetterUpsert } from "../../shared/io/dead-letter.ts";
import type { Clock, Metrics } from "../../shared/io/ports.ts";
import type { PulledBundle } from "../../shared/io/pull-stream.ts";
import type { TableWriter } from "../../shared/io/table-writer.ts";
import { BundleCounter, type CountedBundle } from "./count-bundle.ts";
import { CountRowWriter } from "./window-row.ts";

export interface WindowPorts {
  readonly auctionLog: AuctionLog;
  readonly counts: TableWriter;
  readonly lateEvents: TableWriter;
  readonly deadLetters: TableWriter;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** So many lost races in one bundle mean that another worker holds the same keys for good: a bug. */
const RACES_MAX = 20;

/** Counts bundles of one region's subscription. Invariants W1 to W5 of shared/SPEC.md. */
export class WindowWorker {
  readonly #engine: WindowEngine;
  readonly #segments: SegmentCollector;
  readonly #counter: BundleCounter;
  readonly #rowWriter: CountRowWriter;
  readonly #ports: WindowPorts;
  readonly #place: { readonly region: string; readonly subscription: string };

  constructor(
    core: { readonly engine: WindowEngine; readonly segments: SegmentCollector },
    ports: WindowPorts,
    place: { readonly region: string; readonly subscription: string },
  ) {
    this.#engine = core.engine;
    this.#segments = core.segments;
    this.#counter = new BundleCounter(core.engine, core.segments, place.region);
    this.#rowWriter = new CountRowWriter(place.region);
    this.#ports = ports;
    this.#place = place;
  }

  /** Commits what the bundle counts, then publishes; resolves when it may be acked. */
  async process(bundle: PulledBundle): Promise<void> {
    try {
      const counted = await this.#commit(bundle);
      await this.#publish(counted);
      this.#engine.finish();
      this.#note(counted);
      this.#noteAge(bundle);
    } finally {
      this.#engine.rollBack();
    }
  }

  /** Counts the bundle and inserts its revisions; after a lost race, again on what the log holds. */
  async #commit(bundle: PulledBundle): Promise<CountedBundle> {
    const { auctionLog, clock, metrics } = this.#ports;
    for (let races = 0; races < RACES_MAX; races++) {
      const counted = this.#counter.count(bundle);
      const inserts = counted.outcomes.unknowable > 0 ? undefined : this.#engine.logInserts();
      if (inserts !== undefined) {
        const startMs = clock.nowMs();
        const isCommitted =
          inserts.length === 0 ||
          (await auctionLog.insert(inserts, this.#segments.rows())) === "inserted";
        metrics.observe("commit_ms", clock.nowMs() - startMs);
        if (isCommitted) {
          this.#engine.commit();
          return counted;
        }
        metrics.add("commit_races");
      }
      this.#engine.reload(await auctionLog.load(this.#engine.touchedAuctionIds()));
    }
    throw new Error(`lost ${RACES_MAX} races for the auctions of one bundle`);
  }

  /** Publishes the on-time panes that have their turn; with a bundle under way, it does. */
  async fireOnTime(): Promise<void> {
    const panes = this.#engine.onTimePanes(this.#ports.clock.nowMs());
    if (panes.rows.length > 0) {
      await this.#publishRows((visit) => {
        for (const row of panes.rows) visit(row);
      });
    }
    this.#engine.confirmOnTime(panes);
  }

  async #publishRows(read: (visit: (row: Readonly<WindowRow>) => void) => void): Promise<void> {
    const published = await this.#ports.counts.upsertEncoded((encoder) =>
      read((row) => this.#rowWriter.write(row, encoder)),
    );
    this.#ports.metrics.add("rows_published", published);
  }

  async #publish(counted: CountedBundle): Promise<void> {
    const { lateEvents, deadLetters, clock, metrics } = this.#ports;
    const startMs = clock.nowMs();
    await Promise.all([
      this.#publishRows((visit) => this.#engine.readWindowRows(visit)),
      this.fireOnTime(),
      lateEvents.upsert(counted.late),
      deadLetters.upsert(
        counted.poison.map((each) => deadLetterUpsert(this.#place.subscription, each)),
      ),
    ]);
    metrics.observe("publish_ms", clock.nowMs() - startMs);
  }

  #note({ outcomes, poison }: CountedBundle): void {
    const { metrics } = this.#ports;
    metrics.add("events_counted", outcomes.counted + outcomes.repeated);
    metrics.add("events_duplicate", outcomes.duplicate);
    metrics.add("events_conflicting", outcomes.conflict);
    metrics.add("events_late", outcomes.late);
    metrics.add("dead_letters", poison.length);
    metrics.set("auctions_cached", this.#engine.auctionCount);
  }

  /** How long the oldest message of each response took from its publishing to its row in BigQuery. */
  #noteAge({ responses }: PulledBundle): void {
    const nowMs = this.#ports.clock.nowMs();
    for (const { count, publishTimeMs } of responses) {
      let oldestMs = nowMs;
      for (let index = 0; index < count; index++) {
        oldestMs = Math.min(oldestMs, publishTimeMs[index] ?? nowMs);
      }
      this.#ports.metrics.observe("publish_to_row_ms", nowMs - oldestMs);
    }
  }
}
