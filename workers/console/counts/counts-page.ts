import { HOUR_MS } from "../../../shared/core/time.ts";
import { percentileOf } from "../../../shared/io/metrics.ts";
import { WatermarkBoard } from "../../../shared/io/watermark-board.ts";
import { databases, type RegionName, regions, subscriptionOf } from "../../../shared/names.ts";
import { Feed } from "../server/feed.ts";
import type { Page, PageServices } from "../server/page.ts";
import { poll } from "../server/poll.ts";
import { CountsQuery } from "./counts-query.ts";
import { MetricsTally } from "./metrics-tally.ts";
import { RateHistory } from "./rate-history.ts";
import { readReport } from "./read-report.ts";
import { shapeAuctions, shapeSought, windowGrid } from "./shape-auctions.ts";
import { shapeRegion } from "./shape-region.ts";

const COUNTS_EVERY_MS = 500;
const TOTALS_EVERY_MS = 2000;
const WATERMARKS_EVERY_MS = 1000;
const METRICS_EVERY_MS = 500;
const RATES_EVERY_MS = 1000;
const AUCTIONS_SHOWN = 20;
const WINDOWS_SHOWN = 20;
/** Auctions that are looked up for browsers at once; who asks for more is told so. */
const SOUGHT_MAX = 50;
const SOUGHT_WINDOWS_MAX = 60;
/** The last minute's. */
const WAITS_KEPT = 120;

/** Live counts: rates, auctions, windows, watermarks, dead letters. Parts of its feed: see each loop. */
export const countsPage: Page = {
  name: "counts",
  about: /^.{1,128}$/u,
  openFeed: (services) => new CountsFeed(services).start(),
};

class CountsFeed {
  readonly #services: PageServices;
  readonly #query: CountsQuery;
  readonly #tally = new MetricsTally();
  readonly #rates = new RateHistory(regions);
  readonly #feed: Feed;
  /** The newest watermark of any region: where "recent" ends in event time. */
  #newestMs: number | undefined;
  /** When BigQuery was last asked; undefined after a pause in which nobody watched. */
  #askedAtMs: number | undefined;
  /** For each of the last answers, the time from the question before it: the longest a row can wait. */
  readonly #waitsMs: number[] = [];

  constructor(services: PageServices) {
    this.#services = services;
    this.#query = new CountsQuery(services.bigquery, services.config.windowS);
    this.#feed = new Feed(() => [["history", this.#rates.all()]]);
  }

  start(): Feed {
    const { config, context } = this.#services;
    const to = { feed: this.#feed, context };
    poll({ name: "BigQuery", everyMs: COUNTS_EVERY_MS }, () => this.#readCounts(), to);
    poll({ name: "BigQuery totals", everyMs: TOTALS_EVERY_MS }, () => this.#readTotals(), to);
    for (const region of config.regions) {
      const source = { name: `Spanner ${region}`, everyMs: WATERMARKS_EVERY_MS };
      poll(source, this.#watermarkReader(region), to);
    }
    for (const { name, address } of config.metricsTargets) {
      const source = { name: `worker ${name}`, everyMs: METRICS_EVERY_MS, always: true } as const;
      poll(source, () => this.#readMetrics(name, address), to);
    }
    const stop = context.clock.every(RATES_EVERY_MS, () => this.#tellRates());
    context.signal.addEventListener("abort", stop, { once: true });
    return this.#feed;
  }

  /** Parts `auctions`, and `sought` for each auction that is asked about. */
  async #readCounts(): Promise<void> {
    const { windowS } = this.#services.config;
    const askedAtMs = this.#nowMs();
    const newestMs = this.#newestMs ?? askedAtMs;
    const shape = { windowMs: windowS * 1000, windows: WINDOWS_SHOWN };
    const fromMs = windowGrid([], newestMs, shape)[0] ?? newestMs;
    const abouts = this.#feed.abouts();
    const sought = abouts.slice(0, SOUGHT_MAX);
    const [top, found] = await Promise.all([
      this.#query.topAuctions(fromMs, AUCTIONS_SHOWN),
      sought.length === 0 ? [] : this.#query.auctions(sought, SOUGHT_WINDOWS_MAX),
    ]);
    const startsMs = windowGrid(top, newestMs, shape);
    this.#feed.set("auctions", { windowS, startsMs, rows: shapeAuctions(top, startsMs) });
    for (const id of sought) this.#feed.set("sought", { windowS, ...shapeSought(id, found) }, id);
    for (const id of abouts.slice(SOUGHT_MAX)) this.#feed.set("soughtTooMany", SOUGHT_MAX, id);
    this.#waitsMs.push(this.#nowMs() - (this.#askedAtMs ?? askedAtMs));
    if (this.#waitsMs.length > WAITS_KEPT) this.#waitsMs.shift();
    this.#askedAtMs = askedAtMs;
  }

  /** Parts `windows`, `late` and `deadLetters`. */
  async #readTotals(): Promise<void> {
    const fromMs = (this.#newestMs ?? this.#nowMs()) - HOUR_MS;
    const [windows, late, deadLetters] = await Promise.all([
      this.#query.regionWindows(fromMs),
      this.#query.lateEvents(),
      this.#query.deadLetters(),
    ]);
    this.#feed.set("windows", windows);
    this.#feed.set("late", late);
    this.#feed.set("deadLetters", deadLetters);
  }

  /** Part `region:<region>`. */
  #watermarkReader(region: RegionName): () => Promise<void> {
    const { spanner } = this.#services;
    const instance = spanner.instance(databases.counts.instanceOf(region));
    const board = new WatermarkBoard(instance.database(databases.counts.name));
    const subscription = subscriptionOf("window", region).name;
    return async () => {
      const [posted, keys] = await Promise.all([board.region(region), board.keys(subscription)]);
      const newestMs = Math.max(posted?.watermarkMs ?? 0, this.#newestMs ?? 0);
      if (newestMs > 0) this.#newestMs = newestMs;
      this.#feed.set(`region:${region}`, shapeRegion(region, { posted, keys }, this.#nowMs()));
    };
  }

  /** Part `totals`. */
  async #readMetrics(name: string, address: string): Promise<void> {
    this.#tally.take(name, await readReport(address));
    const total = (counter: string): number => this.#tally.total(counter);
    this.#feed.set("totals", {
      counted: total("events_counted"),
      duplicates: total("events_duplicate"),
      conflicting: total("events_conflicting"),
    });
  }

  /** Happenings `rates`, and part `freshness`. */
  #tellRates(): void {
    const point = this.#rates.note(this.#nowMs(), (region) => this.#tally.received(region));
    if (!this.#feed.isWatched) {
      this.#askedAtMs = undefined;
      return;
    }
    this.#feed.tell("rates", point);
    const ages = this.#tally.recentAges();
    this.#feed.set("freshness", {
      rowP50Ms: Math.round(percentileOf(ages, 0.5)),
      rowP99Ms: Math.round(percentileOf(ages, 0.99)),
      pageMaxMs: Math.max(0, ...this.#waitsMs),
    });
  }

  #nowMs(): number {
    return this.#services.context.clock.nowMs();
  }
}
