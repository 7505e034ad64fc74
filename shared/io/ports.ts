/** Time as the shells see it. The simulator passes a virtual one. */
export interface Clock {
  nowMs(): number;
  /** Resolves after `ms`, or at once when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `tick` every `ms` until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
}

/** Structured log: one line a decision or failure, written where it is decided. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Counters and histograms, by name. Names are snake_case with the unit last. */
export interface Metrics {
  add(counter: string, by?: number): void;
  /** Notes one value of a distribution, e.g. a latency in milliseconds. */
  observe(histogram: string, value: number): void;
  /** Sets a gauge. */
  set(gauge: string, value: number): void;
}
