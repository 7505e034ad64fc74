/** What may be under way at once, counted: events, or bytes of bodies. */
export class Budget {
  readonly #max: number;
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Takes `amount` if it fits. One that is alone is let in whatever its size, or it never could be. */
  take(amount: number): boolean {
    if (this.#taken > 0 && this.#taken + amount > this.#max) return false;
    this.#taken += amount;
    return true;
  }

  give(amount: number): void {
    this.#taken -= amount;
  }
}
