import fc from "fast-check";
import { addedUp, sumOf } from "../../../../../shared/core/settlement/ledger.ts";
import type { SettlementEvent } from "../../../../../shared/core/settlement/settlement-event.ts";
import { aPayment, aWin } from "../../../../support/builders.ts";
import {
  aBilling,
  aChallenge,
  aLoss,
  anExpiry,
  aResolution,
  aVoid,
  config,
  keyOf,
  type Story,
  told,
} from "./settlement-story.ts";

const money = fc.record({
  priceNanos: fc.constantFrom(100n, 100n, 120n, 0n),
  currency: fc.constantFrom("USD", "USD", "USD", "EUR"),
  seat: fc.constantFrom("seat-1", "seat-1", "", "seat-2"),
  source: fc.constantFrom("", "burl"),
  region: fc.constantFrom("us", "eu"),
  eventTimeUs: fc.constantFrom(1_767_225_600_000_000, 1_767_225_600_000_001),
});
const noticeWithAmount = fc.oneof(
  money.map((fields) => aWin(fields)),
  money.map((fields) => aBilling(fields)),
  fc
    .tuple(money, fc.constantFrom("p1", "p2"))
    .map(([fields, paymentId]) => aPayment({ ...fields, paymentId })),
);
const resolution = fc
  .record({
    choice: fc.constantFrom("accept", "writeOff"),
    accepted: fc.array(noticeWithAmount.map(keyOf), { maxLength: 2 }),
    rejected: fc.array(noticeWithAmount.map(keyOf), { maxLength: 2 }),
    eventTimeUs: fc.constantFrom(1_767_225_600_000_002, 1_767_225_600_000_003),
  })
  .map((fields) => aResolution({ ...fields, resolutionId: JSON.stringify(fields) }));
const anyEvent: fc.Arbitrary<SettlementEvent> = fc.oneof(
  { weight: 8, arbitrary: noticeWithAmount },
  { weight: 1, arbitrary: resolution },
  { weight: 1, arbitrary: fc.constantFrom(aLoss(), aVoid(), anExpiry(), aChallenge()) },
);
/** Up to four events, the first of them twice. */
const history = fc
  .array(anyEvent, { minLength: 1, maxLength: 4 })
  .map((events) => [...events, ...events.slice(0, 1)]);

test("S1: the order of arrival does not change the settlement or its balances", () => {
  fc.assert(
    fc.property(history, (events) => {
      const [first, ...others] = [...permutationsOf(events)].map((order) => endOf(told(order)));
      for (const other of others) expect(other).toEqual(first);
    }),
    { numRuns: 120 },
  );
});

test("S2: events that come again, whenever they do, change nothing", () => {
  fc.assert(
    fc.property(history, fc.infiniteStream(fc.nat()), (events, picks) => {
      const noisy = events.flatMap((event, at) => [event, events[pick(picks) % (at + 1)] ?? event]);
      const clean = told(events);
      const repeated = told(noisy);
      expect(repeated.settlement).toEqual(clean.settlement);
      expect(repeated.entries).toEqual(clean.entries);
    }),
  );
});

test("S3: every entry's debits equal its credits, and what stands is the sum of the entries", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 12 }), (events) => {
      const { settlement, entries } = told(events);
      for (const { amounts } of entries) expect(sumOf(amounts)).toBe(0n);
      expect(addedUp(entries).map(placeOf)).toEqual(settlement?.posted.map(placeOf));
    }),
  );
});

test("S4: no two entries of a bid share a version and part", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 12 }), (events) => {
      const ids = told(events).entries.map(({ version, part }) => `${version}/${part}`);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test("S6: while a bid is disputed nothing of it stands on the accounts", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 8 }), (events) => {
      for (const { settlement } of told(events).decisions) {
        if (settlement.state === "disputed") expect(settlement.posted).toEqual([]);
        else expect(settlement.disputeReasons).toEqual([]);
      }
    }),
  );
});

test("S7: an undisputed bid that was not written off stands in one currency and on one seat", () => {
  fc.assert(
    fc.property(fc.array(noticeWithAmount, { minLength: 1, maxLength: 6 }), (events) => {
      expect(told(events, config).settlement?.posted.length).toBeLessThanOrEqual(1);
    }),
  );
});

/** What the order must not change: all but the version and the history of entries. */
function endOf({ settlement }: Story) {
  const { version: _version, claims, ...end } = settlement ?? {};
  return { ...end, claims: [...(claims ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)) };
}

function placeOf({ seat, currency, amounts }: ReturnType<typeof addedUp>[number]) {
  return { seat, currency, amounts };
}

function pick(picks: Iterator<number>): number {
  return picks.next().value ?? 0;
}

function* permutationsOf<Item>(items: readonly Item[]): Generator<Item[]> {
  if (items.length < 2) yield [...items];
  for (const [index, item] of items.entries()) {
    if (items.length < 2) return;
    const others = items.toSpliced(index, 1);
    for (const rest of permutationsOf(others)) yield [item, ...rest];
  }
}
