import { alignDown } from "../time.ts";
import type { WindowConfig, WindowShape } from "./window-shape.ts";

/** A window of an auction that the watermark has passed. */
export interface EndedWindow {
  /** The auction's key in the cache. */
  readonly auction: number;
  readonly shape: WindowShape;
  readonly startMs: number;
}

/**
 * Which auctions have bids in windows that the watermark has not passed, by slice: what on-time panes
 * are fired from. Holds a number a slice of an auction, for the longest window and the watermark's lag.
 */
export class OpenWindows {
  readonly #config: WindowConfig;
  readonly #longestMs: number;
  readonly #slices = new Map<number, Set<number>>();
  #firedToMs = Number.NEGATIVE_INFINITY;

  constructor(config: WindowConfig) {
    this.#config = config;
    this.#longestMs = Math.max(...config.shapes.map(({ sizeMs }) => sizeMs));
  }

  /** Windows that ended by this watermark have been fired. */
  get firedToMs(): number {
    return this.#firedToMs;
  }

  /** Notes that a slice of an auction was counted in; one whose windows all were fired is passed over. */
  note(auction: number, sliceStartMs: number): void {
    if (sliceStartMs + this.#longestMs <= this.#firedToMs) return;
    const auctions = this.#slices.get(sliceStartMs);
    if (auctions === undefined) this.#slices.set(sliceStartMs, new Set([auction]));
    else auctions.add(auction);
  }

  /** Every noted window whose end lies behind `watermarkMs` and was not fired. */
  endedBy(watermarkMs: number): EndedWindow[] {
    const ended: EndedWindow[] = [];
    if (watermarkMs <= this.#firedToMs || this.#slices.size === 0) return ended;
    const slices = [...this.#slices.keys()];
    const fromMs = Math.max(this.#firedToMs, Math.min(...slices));
    const toMs = Math.min(watermarkMs, Math.max(...slices) + this.#longestMs);
    for (const shape of this.#config.shapes) {
      const { sizeMs, slideMs } = shape;
      const lastMs = alignDown(toMs - sizeMs, slideMs);
      for (let startMs = lastMs; startMs + sizeMs > fromMs; startMs -= slideMs) {
        for (const auction of this.#auctionsIn(startMs, startMs + sizeMs)) {
          ended.push({ auction, shape, startMs });
        }
      }
    }
    return ended;
  }

  /** Takes note that they have been by `watermarkMs`. */
  confirm(watermarkMs: number): void {
    this.#firedToMs = Math.max(this.#firedToMs, watermarkMs);
    for (const sliceStartMs of this.#slices.keys()) {
      if (sliceStartMs + this.#longestMs <= this.#firedToMs) this.#slices.delete(sliceStartMs);
    }
  }

  #auctionsIn(startMs: number, endMs: number): Set<number> {
    const auctions = new Set<number>();
    for (let slice = startMs; slice < endMs; slice += this.#config.sliceMs) {
      for (const auction of this.#slices.get(slice) ?? []) auctions.add(auction);
    }
    return auctions;
  }
}
