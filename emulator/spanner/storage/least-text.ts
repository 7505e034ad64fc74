import type { Row } from "../values/cell.ts";

/** Sorts behind every text that a timestamp has. */
const HIGHEST = "\uffff";

/**
 * A lower bound of the texts in one column of a store, so that a search for smaller ones may be left out. It
 * follows what is written, and is known once all rows were walked since {@link begin}.
 */
export class LeastText {
  #ordinal: number | undefined;
  #text = "";
  #isKnown = false;
  #walk = 0;

  /** Whether some row may have a text below `text` in the column. */
  mayBeBelow(ordinal: number, text: string): boolean {
    return !this.#isKnown || this.#ordinal !== ordinal || this.#text < text;
  }

  /** Starts anew for a column; then take every row, and call {@link end} with what this returns. */
  begin(ordinal: number): number {
    this.#ordinal = ordinal;
    this.#text = HIGHEST;
    this.#isKnown = false;
    return ++this.#walk;
  }

  take(row: Row): void {
    if (this.#ordinal === undefined) return;
    const cell = row[this.#ordinal];
    if (typeof cell === "string" && cell < this.#text) this.#text = cell;
  }

  /** Every row was taken; says nothing where another walk began since. */
  end(walk: number): void {
    if (walk === this.#walk) this.#isKnown = true;
  }
}
