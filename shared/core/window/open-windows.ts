import { alignDown } from "../time.ts";
import type { WindowConfig, WindowShape } from "./window-shape.ts";

/** A window of an auction that the watermark has passed. */
export interface EndedWindow {
  /** Number and serial of the auction, as they were noted. */
  readonly auction: number;
  readonly serial: number;
  readonly shape: WindowShape;
  readonly startMs: number;
}

/**
 * Which auctions have bids in windows that the watermark has not passed, by slice: what on-time panes
 * are fired from. Holds two numbers a slice of an auction, for the longest window and the watermark's lag.
 */
export class OpenWindows {
  readonly #config: WindowConfig;
  readonly #longestMs: number;
  /** By slice, number and serial of one auction after the other. */
  readonly #slices = new Map<number, number[]>();
  #firedToMs = Number.NEGATIVE_INFINITY;

  constructor(config: WindowConfig) {
    this.#config = config;
    this.#longestMs = Math.max(...config.shapes.map(({ sizeMs }) => sizeMs));
  }

  /** Windows that ended by this watermark have been fired. */
  get firedToMs(): number {
    return this.#firedToMs;
  }

  /** Notes that an auction has bids in a slice; one whose windows all were fired is passed over. */
  note(auction: number, serial: number, sliceStartMs: number): void {
    if (sliceStartMs + this.#longestMs <= this.#firedToMs) return;
    const auctions = this.#slices.get(sliceStartMs);
    if (auctions === undefined) this.#slices.set(sliceStartMs, [auction, serial]);
    else auctions.push(auction, serial);
  }

  /** Every noted window whose end lies behind `watermarkMs` and was not fired, once. */
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
        for (const [serial, auction] of this.#auctionsIn(startMs, startMs + sizeMs)) {
          ended.push({ auction, serial, shape, startMs });
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

  /** Numbers by serial. */
  #auctionsIn(startMs: number, endMs: number): Map<number, number> {
    const auctions = new Map<number, number>();
    for (let slice = startMs; slice < endMs; slice += this.#config.sliceMs) {
      const noted = this.#slices.get(slice) ?? [];
      for (let at = 0; at < noted.length; at += 2) {
        auctions.set(noted[at + 1] as number, noted[at] as number);
      }
    }
    return auctions;
  }
}
