import fc from "fast-check";
import { KEY_LENGTH_MAX } from "../../../../../shared/core/settlement/claim.ts";
import {
  ledgerExportsOf,
  settlementExportOf,
} from "../../../../../shared/core/settlement/export-row.ts";
import type { Settlement } from "../../../../../shared/core/settlement/settlement.ts";
import {
  noticeOf,
  type SettlementEvent,
} from "../../../../../shared/core/settlement/settlement-event.ts";
import {
  claimRowOf,
  entryOfRow,
  entryRowOf,
  settlementOf,
  settlementRowOf,
  signedNanosOf,
} from "../../../../../shared/core/settlement/settlement-row.ts";
import { arbitraryEvent } from "../../../../support/arbitraries.ts";
import { aPayment, aWin } from "../../../../support/builders.ts";
import { aChallenge, aResolution, told } from "./settlement-story.ts";

const notices = fc
  .array(arbitraryEvent, { minLength: 1, maxLength: 6 })
  .map((events) =>
    events.map((event) => noticeOf({ ...event, bidId: "b1" })).filter((each) => each !== undefined),
  );
const history = fc
  .tuple(notices, fc.constantFrom<SettlementEvent[]>([], [aChallenge()], [aResolution()]))
  .map((parts): SettlementEvent[] => parts.flat())
  .filter((events) => events.length > 0);

test("a settlement and its entries read back from their rows as they were", () => {
  fc.assert(
    fc.property(history, (events) => {
      const { settlement, entries } = told(events);
      if (settlement === undefined) throw new Error("a history has an event");
      expect(throughRows(settlement)).toEqual(settlement);
      expect(entries.map(entryRowOf).map(entryOfRow)).toEqual(entries);
    }),
  );
});

test("no claim's key is longer than its column", () => {
  fc.assert(
    fc.property(history, (events) => {
      for (const key of told(events).settlement?.claims.keys() ?? []) {
        expect([...key].length).toBeLessThanOrEqual(KEY_LENGTH_MAX);
      }
    }),
  );
});

test("sums beyond what one event may carry read back exactly", () => {
  expect(signedNanosOf("-92233720368547758079.000000001")).toBe(-92233720368547758079000000001n);
  expect(() => signedNanosOf("1e3")).toThrow("1e3 is a decimal of nine places at most");
});

test("the exported rows say money as decimals and times in UTC", () => {
  const { settlement, entries } = told([aWin(), aPayment()]);
  if (settlement === undefined) throw new Error("a history has an event");
  expect(JSON.stringify(settlementExportOf(settlement))).toBe(
    '{"bid_id":"b1","auction_id":"a1","seat":"seat-1","region":"us","currency":"USD","state":"settled","won":"0.000207","billed":"0","paid":"0.000207","version":2,"first_event_time":"2026-01-01T00:00:00.000000Z","settled_time":"2026-01-01T00:00:00.000000Z"}',
  );
  const committed = "2026-01-01T00:00:01.000000Z";
  const lines = entries.flatMap((entry) => ledgerExportsOf(entry, committed));
  expect(lines.map(({ account, amount }) => `${account} ${amount}`)).toEqual([
    "receivable 0.000207",
    "revenue -0.000207",
    "receivable -0.000207",
    "cash 0.000207",
  ]);
  expect(JSON.stringify(lines[3])).toBe(
    '{"entry_id":"b1/2/1","bid_id":"b1","account":"cash","seat":"seat-1","currency":"USD","amount":"0.000207","cause":"payment:p1","commit_timestamp":"2026-01-01T00:00:01.000000Z"}',
  );
});

function throughRows(settlement: Settlement): Settlement {
  const rows = [...settlement.claims.values()].map((claim) => claimRowOf("b1", 1, claim));
  return settlementOf(JSON.parse(JSON.stringify(settlementRowOf(settlement))), rows);
}
