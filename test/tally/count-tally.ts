/**
 * Counts the bids of an event file by auction and window, naively and with nothing of the product's code:
 * what `auction_counts.ndjson` of a run of the same file has to say. Usage: count-tally.ts FILE [EXPORT].
 * With an export it compares row by row and ends with 1 on any difference; without, it prints the rows.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const SHAPES = [
  [60, 60],
  [300, 60],
] as const;

interface Tally {
  readonly prices: Map<string, bigint>;
}

/** Rows keyed by size, slide, auction and start, each as `count sum min max`. */
export function tallyOf(text: string): Map<string, string> {
  const windows = new Map<string, Tally>();
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const event = JSON.parse(line);
    if ((event.type ?? "bid") !== "bid") continue;
    const seconds = Date.parse(event.timestamp) / 1000;
    const [whole = "0", fraction = ""] = String(event.bid_price).split(".");
    const nanos = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
    for (const key of windowsOf(event.auction_id, seconds)) {
      const tally = windows.get(key) ?? { prices: new Map() };
      if (!tally.prices.has(event.bid_id)) tally.prices.set(event.bid_id, nanos);
      windows.set(key, tally);
    }
  }
  return new Map([...windows].map(([key, { prices }]) => [key, summed([...prices.values()])]));
}

function windowsOf(auction: string, seconds: number): string[] {
  return SHAPES.flatMap(([size, slide]) => {
    const last = Math.floor(seconds / slide) * slide;
    const starts = Array.from({ length: size / slide }, (_, index) => last - index * slide);
    return starts.map((start) => `${size} ${slide} ${auction} ${start}`);
  });
}

function summed(prices: readonly bigint[]): string {
  let [sum, min, max] = [0n, prices[0] ?? 0n, prices[0] ?? 0n];
  for (const price of prices) {
    sum += price;
    if (price < min) min = price;
    if (price > max) max = price;
  }
  return `${prices.length} ${sum} ${min} ${max}`;
}

/** The rows of an export in the tally's form. */
export function exportedOf(text: string): Map<string, string> {
  const nanos = (decimal: string): string => {
    const [whole = "0", fraction = ""] = decimal.split(".");
    return String(BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0")));
  };
  return new Map(
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const row = JSON.parse(line);
        const start = Date.parse(row.window_start) / 1000;
        const key = `${row.window_size_s} ${row.window_slide_s} ${row.auction_id} ${start}`;
        const prices = [row.price_sum, row.price_min, row.price_max].map(nanos).join(" ");
        return [key, `${row.bid_count} ${prices}`];
      }),
  );
}

/** Every row in which two results differ. */
export function differences(
  expected: ReadonlyMap<string, string>,
  actual: ReadonlyMap<string, string>,
): string[] {
  const keys = new Set([...expected.keys(), ...actual.keys()]);
  return [...keys]
    .filter((key) => expected.get(key) !== actual.get(key))
    .map(
      (key) =>
        `${key}: expected ${expected.get(key) ?? "no row"}, got ${actual.get(key) ?? "no row"}`,
    );
}

const [file, exported] = process.argv.slice(2);
if (import.meta.main && file !== undefined) {
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
  const expected = tallyOf(text);
  if (exported === undefined) {
    for (const [key, value] of expected) process.stdout.write(`${key} ${value}\n`);
  } else {
    const found = differences(expected, exportedOf(readFileSync(exported, "utf8")));
    for (const difference of found.slice(0, 20)) process.stdout.write(`${difference}\n`);
    process.stdout.write(`${expected.size} rows expected, ${found.length} differ\n`);
    process.exitCode = found.length === 0 ? 0 : 1;
  }
}
