import fc from "fast-check";
import { NonceMemory } from "../../../../../shared/core/ingest/nonce-memory.ts";
import { SIGNATURE_SKEW_MS } from "../../../../../shared/core/ingest/request-signature.ts";

const words = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const steps = fc.array(
  fc.record({
    high: words,
    low: words,
    afterMs: fc.integer({ min: 0, max: SIGNATURE_SKEW_MS / 4 }),
  }),
  { minLength: 1, maxLength: 60 },
);

test("a nonce is remembered while its timestamp is fresh, and none that was not kept is known", () => {
  fc.assert(
    fc.property(steps, (nonces) => {
      const memory = new NonceMemory(64);
      const keptAtMs = new Map<string, number>();
      let nowMs = 1_767_225_600_000;
      for (const { high, low, afterMs } of nonces) {
        nowMs += afterMs;
        expect(memory.isFullAt(nowMs)).toBe(false);
        memory.keep(high, low, nowMs);
        keptAtMs.set(`${high} ${low || 1}`, nowMs);
        for (const [nonce, atMs] of keptAtMs) {
          const [keptHigh = 0, keptLow = 0] = nonce.split(" ").map(Number);
          if (nowMs - atMs <= 2 * SIGNATURE_SKEW_MS) {
            expect(memory.has(keptHigh, keptLow)).toBe(true);
          }
        }
        const other = (low ^ 0x55_55) >>> 0;
        expect(memory.has(high, other)).toBe(keptAtMs.has(`${high} ${other || 1}`));
      }
    }),
    { examples: [[[{ high: 0, low: 0, afterMs: 0 }]]] },
  );
});

test("full, it says so and keeps what it has, until its span is over", () => {
  const memory = new NonceMemory(16);
  for (let nonce = 1; nonce <= 16; nonce++) memory.keep(nonce, 7, 0);
  expect(memory.isFullAt(1)).toBe(true);
  for (let nonce = 1; nonce <= 16; nonce++) expect(memory.has(nonce, 7)).toBe(true);
  expect(memory.isFullAt(2 * SIGNATURE_SKEW_MS)).toBe(false);
  expect(memory.has(16, 7)).toBe(true);
  expect(memory.isFullAt(6 * SIGNATURE_SKEW_MS)).toBe(false);
  expect(memory.has(16, 7)).toBe(false);
});
