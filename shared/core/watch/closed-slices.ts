import { alignDown } from "../time.ts";

/** How far a region has counted. `readAtMs`: a read at this time sees all that its watermark stands on. */
export type RegionProgress = {
  readonly region: string;
  readonly watermarkMs: number;
  readonly readAtMs: number;
};

/** Regions that a slice was read from, each with the timestamp of the read, milliseconds. */
export type SliceInputs = Readonly<Record<string, number>>;

export type ClosingConfig = {
  readonly sliceMs: number;
  /** How long the furthest region waits for the others once it has passed a slice. Processing time, ms. */
  readonly darkAfterMs: number;
};

/**
 * Says which slices are closed: those whose end every region's watermark has passed, and those that the
 * furthest region passed `darkAfterMs` ago. A region that never posted is not waited for.
 */
export class SliceClosing {
  readonly #config: ClosingConfig;
  /** When the furthest watermark was seen where it then stood, oldest first. */
  readonly #seen: { readonly watermarkMs: number; readonly atMs: number }[] = [];
  /** The furthest watermark whose laggards have been waited for. */
  #waitedMs = Number.NEGATIVE_INFINITY;

  constructor(config: ClosingConfig) {
    this.#config = config;
  }

  /** The end of the last closed slice as regions stand at `nowMs`; undefined while none has posted. */
  closedUntilMs(progress: readonly RegionProgress[], nowMs: number): number | undefined {
    if (progress.length === 0) return undefined;
    const watermarks = progress.map(({ watermarkMs }) => watermarkMs);
    this.#note(Math.max(...watermarks), nowMs);
    return alignDown(Math.max(Math.min(...watermarks), this.#waitedMs), this.#config.sliceMs);
  }

  #note(furthestMs: number, nowMs: number): void {
    const newest = this.#seen.at(-1)?.watermarkMs ?? this.#waitedMs;
    const sliceMs = this.#config.sliceMs;
    if (alignDown(furthestMs, sliceMs) > newest) {
      this.#seen.push({ watermarkMs: alignDown(furthestMs, sliceMs), atMs: nowMs });
    }
    while (nowMs - (this.#seen[0]?.atMs ?? nowMs) >= this.#config.darkAfterMs) {
      const waited = this.#seen.shift();
      if (waited === undefined) return;
      this.#waitedMs = waited.watermarkMs;
    }
  }
}

/** The regions that are in for the slice that ends at `endMs`. */
export function inputsOf(progress: readonly RegionProgress[], endMs: number): SliceInputs {
  const passed = progress.filter(({ watermarkMs }) => watermarkMs >= endMs);
  return Object.fromEntries(passed.map(({ region, readAtMs }) => [region, readAtMs]));
}
