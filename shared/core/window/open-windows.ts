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

/** A window that has ended, with the auctions whose panes of it are not fired. */
interface DueWindow {
  readonly shape: WindowShape;
  readonly startMs: number;
  /** Numbers by serial. */
  readonly auctions: Map<number, number>;
}

/** The panes of all auctions fall due in one moment. So many are fired at once, the rest over so long. */
const AT_ONCE = 500;
const SPREAD_MS = 20_000;

/**
 * Which auctions have bids in windows whose on-time pane is not fired, by slice. Holds two numbers a slice of
 * an auction, for the longest window and the watermark's lag.
 */
export class OpenWindows {
  readonly #config: WindowConfig;
  readonly #longestMs: number;
  /** By slice, number and serial of one auction after the other. */
  readonly #slices = new Map<number, number[]>();
  #firedToMs = Number.NEGATIVE_INFINITY;
  /** The windows that are being fired: how many they were, when they fell due, by which watermark. */
  #due: readonly DueWindow[] = [];
  #dueCount = 0;
  #dueSinceMs = 0;
  #dueToMs = Number.NEGATIVE_INFINITY;

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

  /** The noted windows that have ended by `watermarkMs`, were not fired, and have their turn by `nowMs`. */
  endedBy(watermarkMs: number, nowMs: number): EndedWindow[] {
    if (this.#due.length === 0) this.#fallDue(watermarkMs, nowMs);
    const share = Math.min(1, (nowMs - this.#dueSinceMs) / SPREAD_MS);
    const fired = this.#dueCount - countOf(this.#due);
    const room = AT_ONCE + Math.ceil(share * this.#dueCount) - fired;
    const ended: EndedWindow[] = [];
    for (const { shape, startMs, auctions } of this.#due) {
      for (const [serial, auction] of auctions) {
        if (ended.length >= room) return ended;
        ended.push({ auction, serial, shape, startMs });
      }
    }
    return ended;
  }

  /** Whether a window has ended and its pane is still to be fired. */
  isDue(serial: number, shape: WindowShape, startMs: number): boolean {
    return this.#dueWindow(shape, startMs)?.auctions.has(serial) === true;
  }

  /** Takes note that these have been fired. */
  confirm(ended: readonly EndedWindow[]): void {
    for (const { serial, shape, startMs } of ended) {
      this.#dueWindow(shape, startMs)?.auctions.delete(serial);
    }
    this.#due = this.#due.filter(({ auctions }) => auctions.size > 0);
    if (this.#due.length > 0) return;
    this.#firedToMs = this.#dueToMs;
    for (const sliceStartMs of this.#slices.keys()) {
      if (sliceStartMs + this.#longestMs <= this.#firedToMs) this.#slices.delete(sliceStartMs);
    }
  }

  #fallDue(watermarkMs: number, nowMs: number): void {
    if (watermarkMs <= this.#firedToMs || this.#slices.size === 0) return;
    const slices = [...this.#slices.keys()];
    const fromMs = Math.max(this.#firedToMs, Math.min(...slices));
    const toMs = Math.min(watermarkMs, Math.max(...slices) + this.#longestMs);
    const due: DueWindow[] = [];
    for (const shape of this.#config.shapes) {
      const { sizeMs, slideMs } = shape;
      const lastMs = alignDown(toMs - sizeMs, slideMs);
      for (let startMs = lastMs; startMs + sizeMs > fromMs; startMs -= slideMs) {
        const auctions = this.#auctionsIn(startMs, startMs + sizeMs);
        if (auctions.size > 0) due.push({ shape, startMs, auctions });
      }
    }
    this.#due = due;
    this.#dueCount = countOf(due);
    this.#dueSinceMs = nowMs;
    this.#dueToMs = watermarkMs;
  }

  #dueWindow(shape: WindowShape, startMs: number): DueWindow | undefined {
    return this.#due.find((due) => due.shape === shape && due.startMs === startMs);
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

function countOf(due: readonly DueWindow[]): number {
  return due.reduce((sum, { auctions }) => sum + auctions.size, 0);
}
