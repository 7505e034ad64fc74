import type { Buckets } from "../../../shared/io/metrics.ts";
import type { MetricsReport } from "../../../shared/io/metrics-server.ts";

/** Counters whose sum is every event that a window worker was given. */
const receivedCounters = ["events_counted", "events_duplicate", "events_late", "dead_letters"];
const AGE_HISTOGRAM = "publish_to_row_ms";
/** Ages shown are those of the last one to two generations of this many reports. */
const GENERATION_REPORTS = 60;

interface Source {
  startedAtMs: number;
  counters: Readonly<Record<string, number>>;
  reports: number;
  ages: Buckets;
  /** The ages as of the last two generations' ends. */
  agesBefore: readonly [older: Buckets, newer: Buckets];
}

/**
 * Adds up what processes report of themselves. A process that was started again counts from zero again:
 * what its earlier life reported stays in the sums.
 */
export class MetricsTally {
  readonly #sources = new Map<string, Source>();
  readonly #totals = new Map<string, number>();
  readonly #received = new Map<string, number>();

  /** Takes in the newest report of the process called `name`. */
  take(name: string, { startedAtMs, region, metrics }: MetricsReport): void {
    const known = this.#sources.get(name);
    const before = known?.startedAtMs === startedAtMs ? known : undefined;
    for (const [counter, value] of Object.entries(metrics.counters)) {
      const by = value - (before?.counters[counter] ?? 0);
      add(this.#totals, counter, by);
      if (receivedCounters.includes(counter)) add(this.#received, region, by);
    }
    const ages = metrics.histograms[AGE_HISTOGRAM]?.buckets ?? [];
    const reports = (before?.reports ?? 0) + 1;
    const [older, newer] = before?.agesBefore ?? [[], []];
    const agesBefore = reports % GENERATION_REPORTS === 0 ? [newer, ages] : [older, newer];
    const counters = metrics.counters;
    this.#sources.set(name, {
      startedAtMs,
      counters,
      reports,
      ages,
      agesBefore: agesBefore as [Buckets, Buckets], // Two of two.
    });
  }

  total(counter: string): number {
    return this.#totals.get(counter) ?? 0;
  }

  /** Events that the workers of a region were given, of every outcome. */
  received(region: string): number {
    return this.#received.get(region) ?? 0;
  }

  /** How long events took lately from their publishing to their row in BigQuery, in milliseconds. */
  recentAges(): Buckets {
    const sums = new Map<number, number>();
    for (const { ages, agesBefore } of this.#sources.values()) {
      for (const [upTo, count] of ages) add(sums, upTo, count);
      for (const [upTo, count] of agesBefore[0]) add(sums, upTo, -count);
    }
    return [...sums].filter(([, count]) => count > 0).toSorted(([a], [b]) => a - b);
  }
}

function add<Key>(sums: Map<Key, number>, key: Key, by: number): void {
  sums.set(key, (sums.get(key) ?? 0) + by);
}
