import type { Fingerprints } from "../fingerprint.ts";
import { KeyedRecords, RECORD_WORDS } from "./keyed-records.ts";

/** So many names are kept from bundle to bundle. */
const NAMES_MAX = 8192;

/** What tells the segment of an event. */
export interface NamedSegments {
  /** Both halves 0 where the event names none. */
  readonly segment: Fingerprints;
  /** The text behind the fingerprint: asked for only where the segment is new. */
  segmentName(row: number): string;
}

/** Numbers segments by their fingerprints and keeps their names: most are in the next bundle again. */
export class SegmentNames {
  readonly #segments = new KeyedRecords();
  readonly #names: string[] = [];

  /** The number of an event's segment, until {@link trim}. */
  numberOf(events: NamedSegments, row: number): number {
    const { high, low } = events.segment;
    const number = this.#segments.find((high[row] ?? 0) | 0, (low[row] ?? 0) | 0, 0) / RECORD_WORDS;
    if (number === this.#names.length) this.#names.push(events.segmentName(row));
    return number;
  }

  nameOf(number: number): string {
    return this.#names[number] ?? "";
  }

  /** Forgets all where they are too many; to be called between bundles. */
  trim(): void {
    if (this.#names.length <= NAMES_MAX) return;
    this.#segments.clear();
    this.#names.length = 0;
  }
}
