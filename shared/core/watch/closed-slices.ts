import { alignDown } from "../time.ts";

/** How far a region has counted. Milliseconds. */
export type RegionProgress = {
  readonly region: string;
  /** Event time; -Infinity where it has none yet, or its store does not answer. */
  readonly watermarkMs: number;
  /** When any of its keys last counted something, by its store's clock; -Infinity where that is not known. */
  readonly countedAtMs: number;
  /** A read at this time sees all that the watermark stands on. */
  readonly readAtMs: number;
};

/** Regions that a slice was read from, each with the timestamp of the read, milliseconds. */
export type SliceInputs = Readonly<Record<string, number>>;

export type ClosingConfig = {
  readonly sliceMs: number;
  /** How long a region that counts nothing is waited for. Processing time, ms; 0 waits for none. */
  readonly darkAfterMs: number;
};

/**
 * Says which slices are closed: those whose end every region that counts has passed with its watermark. A
 * region counts until it has counted nothing for `darkAfterMs`: one that works off a backlog is waited for
 * however far it is behind; one that is cut off, dead or quiet is left out until it counts again.
 */
export class SliceClosing {
  readonly #config: ClosingConfig;
  /** What each region had counted last, and when that was first seen here: clocks need not agree. */
  readonly #counted = new Map<
    string,
    { readonly countedAtMs: number; readonly seenAtMs: number }
  >();

  constructor(config: ClosingConfig) {
    this.#config = config;
  }

  /** The end of the last closed slice as regions stand at `nowMs`; undefined while there is none. */
  closedUntilMs(progress: readonly RegionProgress[], nowMs: number): number | undefined {
    const counting = progress.filter((each) => this.#isCounting(each, nowMs));
    const reachedMs =
      counting.length > 0
        ? Math.min(...counting.map(({ watermarkMs }) => watermarkMs))
        : Math.max(...progress.map(({ watermarkMs }) => watermarkMs));
    return Number.isFinite(reachedMs) ? alignDown(reachedMs, this.#config.sliceMs) : undefined;
  }

  #isCounting({ region, countedAtMs }: RegionProgress, nowMs: number): boolean {
    const last = this.#counted.get(region);
    const seenAtMs = last === undefined || countedAtMs > last.countedAtMs ? nowMs : last.seenAtMs;
    const newestMs = Math.max(countedAtMs, last?.countedAtMs ?? countedAtMs);
    this.#counted.set(region, { countedAtMs: newestMs, seenAtMs });
    return nowMs - seenAtMs < this.#config.darkAfterMs;
  }
}

/** The regions that are in for the slice that ends at `endMs`. */
export function inputsOf(progress: readonly RegionProgress[], endMs: number): SliceInputs {
  const passed = progress.filter(({ watermarkMs }) => watermarkMs >= endMs);
  return Object.fromEntries(passed.map(({ region, readAtMs }) => [region, readAtMs]));
}
