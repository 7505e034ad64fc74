import type { Metrics } from "./ports.ts";

/** A distribution as percentiles of what was observed. */
export interface HistogramSnapshot {
  readonly count: number;
  readonly sum: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly buckets: Buckets;
}

/** How many values lie in each bucket, by the bucket's upper bound, ascending; empty ones are left out. */
export type Buckets = readonly (readonly [upTo: number, count: number])[];

export interface MetricsSnapshot {
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
  readonly histograms: Readonly<Record<string, HistogramSnapshot>>;
}

/** Buckets grow by this factor: a percentile is at most 5 % above the true one. */
const GROWTH = 1.05;

class Histogram {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #sum = 0;
  #max = 0;

  observe(value: number): void {
    const bucket = value <= 0 ? 0 : Math.ceil(Math.log(value) / Math.log(GROWTH));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    this.#sum += value;
    this.#max = Math.max(this.#max, value);
  }

  snapshot(): HistogramSnapshot {
    const ordered = [...this.#buckets].toSorted(([a], [b]) => a - b);
    const buckets = ordered.map(([bucket, count]) => [GROWTH ** bucket, count] as const);
    const at = (share: number): number => Math.min(this.#max, percentileOf(buckets, share));
    const [count, sum, max] = [this.#count, this.#sum, this.#max];
    return { count, sum, p50: at(0.5), p99: at(0.99), max, buckets };
  }
}

/** The upper bound of the bucket that holds the given share of all values, 0 where there are none. */
export function percentileOf(buckets: Buckets, share: number): number {
  const all = buckets.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [upTo, count] of buckets) {
    seen += count;
    if (seen >= share * all) return upTo;
  }
  return 0;
}

/** Keeps everything in memory; memory grows with the number of names only. */
export class MemoryMetrics implements Metrics {
  readonly #counters = new Map<string, number>();
  readonly #gauges = new Map<string, number>();
  readonly #histograms = new Map<string, Histogram>();

  add(counter: string, by = 1): void {
    this.#counters.set(counter, (this.#counters.get(counter) ?? 0) + by);
  }

  observe(histogram: string, value: number): void {
    let known = this.#histograms.get(histogram);
    if (known === undefined) {
      known = new Histogram();
      this.#histograms.set(histogram, known);
    }
    known.observe(value);
  }

  set(gauge: string, value: number): void {
    this.#gauges.set(gauge, value);
  }

  snapshot(): MetricsSnapshot {
    return {
      counters: Object.fromEntries(this.#counters),
      gauges: Object.fromEntries(this.#gauges),
      histograms: Object.fromEntries(
        [...this.#histograms].map(([name, histogram]) => [name, histogram.snapshot()]),
      ),
    };
  }
}
