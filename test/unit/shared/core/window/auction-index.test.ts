import fc from "fast-check";
import { AuctionIndex } from "../../../../../shared/core/window/auction-index.ts";

/** Fingerprints whose low halves meet in a few slots, the last ones of the table among them. */
const fingerprint = fc.record({
  high: fc.nat(2),
  low: fc.constantFrom(0, 1, 2, 2046, 2047, 2048, 4095, 2 ** 32 - 1),
});
const step = fc.oneof(
  fc.record({ kind: fc.constant("use" as const), of: fingerprint }),
  fc.record({ kind: fc.constant("close" as const) }),
);

/** An index beside what it should hold: auctions by fingerprint, in the order of use, the oldest first. */
class Checked {
  readonly #index = new AuctionIndex();
  readonly #open = new Map<string, number>();

  use({ high, low }: { readonly high: number; readonly low: number }): void {
    const id = `${high}/${low}`;
    const known = this.#index.find(high, low);
    expect(known).toBe(this.#open.get(id) ?? -1);
    const auction = known < 0 ? this.#index.open(high, low, id) : known;
    this.#index.use(auction);
    this.#open.delete(id);
    this.#open.set(id, auction);
  }

  close(): void {
    const [oldest] = this.#open;
    expect(this.#index.oldest).toBe(oldest?.[1]);
    if (oldest === undefined) return;
    this.#index.close(oldest[1]);
    this.#open.delete(oldest[0]);
  }

  check(): void {
    expect(this.#index.count).toBe(this.#open.size);
    for (const [id, auction] of this.#open) {
      const [high = 0, low = 0] = id.split("/").map(Number);
      expect([this.#index.find(high, low), this.#index.ids[auction]]).toEqual([auction, id]);
    }
  }
}

test("finds what is open and nothing else, and closes in the order of use, whatever collides", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const index = new Checked();
      for (const taken of steps) {
        if (taken.kind === "use") index.use(taken.of);
        else index.close();
        index.check();
      }
    }),
  );
});

test("a number that is given again has another serial, and thousands are found as it grows", () => {
  const index = new AuctionIndex();
  const first = index.open(1, 1, "first");
  const serial = index.serial[first];
  index.close(first);
  expect(index.open(2, 2, "second")).toBe(first);
  expect(index.serial[first]).not.toBe(serial);
  const auctions = Array.from({ length: 5000 }, (_, each) => index.open(each, each * 7919, ""));
  expect(auctions.map((_, each) => index.find(each, each * 7919))).toEqual(auctions);
  expect(new Set(auctions).size).toBe(5000);
});
