/**
 * An exact sum of int64 prices given as 32-bit halves: a bigint an event would cost an allocation.
 * `low` is kept below 2^32 by carrying, so both parts stay exact beyond any number of bids.
 */
export class PriceSum {
  high = 0;
  low = 0;

  add(high: number, low: number): void {
    this.low += low;
    this.high += high;
    if (this.low >= WORD) {
      this.low -= WORD;
      this.high += 1;
    }
  }

  toNanos(): bigint {
    return nanosOf(this.high, this.low);
  }
}

const WORD = 4_294_967_296;
/** Up to this high half the whole is exact as a number, and makes one bigint in place of four. */
const SAFE_HIGH = 2 ** 21 - 1;

/** The price that two 32-bit halves stand for. */
export function nanosOf(high: number, low: number): bigint {
  return high <= SAFE_HIGH ? BigInt(high * WORD + low) : (BigInt(high) << 32n) + BigInt(low);
}

/** Whether price a is below price b, both given as halves. */
export function isBelow(aHigh: number, aLow: number, bHigh: number, bLow: number): boolean {
  return aHigh === bHigh ? aLow < bLow : aHigh < bHigh;
}
