import { ORDERING_SHARDS } from "../../../../../shared/core/auction/event.ts";
import {
  KEY_IDLE_MS,
  type KeyProgress,
  regionWatermarkOf,
} from "../../../../../shared/core/window/watermark.ts";

const NOW_MS = 1_767_225_600_000;

/** Keys that were all seen just now, the first of them at `watermarkMs`, the others a minute ahead. */
function keysOf(count: number, watermarkMs: number): Map<string, KeyProgress> {
  return new Map(
    Array.from({ length: count }, (_, index) => [
      `us/${index}`,
      { watermarkMs: watermarkMs + (index === 0 ? 0 : 60_000), lastSeenMs: NOW_MS },
    ]),
  );
}

test("W9: a region's watermark is the least of its active keys', and names the key that holds it", () => {
  const reached = regionWatermarkOf(keysOf(9, 1000), { nowMs: NOW_MS, hasBacklog: false });
  expect(reached).toEqual({ watermarkMs: 1000, heldBy: "us/0", activeKeys: 9 });
});

test("W9: an idle key holds nothing back, unless a backlog may bring it old events", () => {
  const keys = keysOf(ORDERING_SHARDS, 1000);
  keys.set("us/0", { watermarkMs: 1000, lastSeenMs: NOW_MS - KEY_IDLE_MS });
  const now = { nowMs: NOW_MS };
  expect(regionWatermarkOf(keys, { ...now, hasBacklog: false }).watermarkMs).toBe(61_000);
  expect(regionWatermarkOf(keys, { ...now, hasBacklog: true }).watermarkMs).toBe(1000);
});

test("W9: while a backlog may hold a key that was never seen, the watermark goes nowhere", () => {
  const keys = keysOf(ORDERING_SHARDS - 1, 1000);
  const reached = regionWatermarkOf(keys, { nowMs: NOW_MS, hasBacklog: true });
  expect(reached.watermarkMs).toBe(Number.NEGATIVE_INFINITY);
});
