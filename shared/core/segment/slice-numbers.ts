import { alignDown } from "../time.ts";

/** Numbers the slices that a bundle's events lie in, from 0 on, and holds the one opened last. */
export class SliceNumbers {
  readonly #sliceMs: number;
  readonly #startsMs: number[] = [];
  readonly #numbers = new Map<number, number>();
  /** Of the slice that is open. */
  number = 0;
  startMs: number = Number.NaN;
  #endMs = Number.NaN;

  constructor(sliceMs: number) {
    this.#sliceMs = sliceMs;
  }

  /** Opens the slice of `timeMs`: mostly it is open, for events come about in order. */
  open(timeMs: number): void {
    if (!(timeMs >= this.startMs && timeMs < this.#endMs)) this.#openOther(timeMs);
  }

  startMsOf(number: number): number {
    return this.#startsMs[number] ?? 0;
  }

  clear(): void {
    this.#startsMs.length = 0;
    this.#numbers.clear();
    this.startMs = Number.NaN;
    this.#endMs = Number.NaN;
  }

  #openOther(timeMs: number): void {
    const startMs = alignDown(timeMs, this.#sliceMs);
    let number = this.#numbers.get(startMs);
    if (number === undefined) {
      number = this.#startsMs.push(startMs) - 1;
      this.#numbers.set(startMs, number);
    }
    this.number = number;
    this.startMs = startMs;
    this.#endMs = startMs + this.#sliceMs;
  }
}
