import { formatNanos } from "../money.ts";
import { rfc3339Of } from "./calendar.ts";
import { type LedgerEntry, linesOf } from "./ledger.ts";
import {
  ALWAYS,
  type BidInThreePlaces,
  type Difference,
  type Finding,
  type WarehouseRow,
} from "./reconciliation.ts";
import type { Settlement } from "./settlement.ts";
import { settlementRowOf } from "./settlement-row.ts";

/** Holds BigQuery's copies of a bid against the ledger. */
export function warehouseFindings({ bidId, ledger, warehouse }: BidInThreePlaces): Finding[] {
  const expected = ledger === undefined ? new Map() : expectedRows(bidId, ledger);
  const found = new Map<string, WarehouseRow>([
    ...warehouse.settlements.map((row) => [settlementSubject(bidId), row] as const),
    ...warehouse.lines.map((row) => [`entry ${row["entry_id"]}`, row] as const),
  ]);
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((subject): Finding[] => {
    const wanted: ExpectedRow | undefined = expected.get(subject);
    const given = found.get(subject);
    const differences = rowDifferences(bidId, subject, [wanted?.row, given]);
    if (differences.length === 0) return [];
    return [{ sinceUs: wanted === undefined ? ALWAYS : lateSince(wanted, given), differences }];
  });
}

/** BigQuery may lack a row, or hold an earlier version of it; it may not hold another than the ledger. */
function lateSince({ row, committedUs }: ExpectedRow, given: WarehouseRow | undefined): number {
  const isLate = given === undefined || Number(given["version"]) < Number(row["version"]);
  return isLate ? committedUs : ALWAYS;
}

function expectedRows(
  bidId: string,
  ledger: NonNullable<BidInThreePlaces["ledger"]>,
): Map<string, ExpectedRow> {
  const { settlement, committedUs, entries } = ledger;
  const own = { row: expectedSettlement(settlement), committedUs };
  const lines = entries.flatMap((each) =>
    expectedLines(each).map(
      ([id, row]) => [`entry ${id}`, { row, committedUs: each.committedUs }] as const,
    ),
  );
  return new Map([[settlementSubject(bidId), own], ...lines]);
}

function settlementSubject(bidId: string): string {
  return `settlement of ${bidId}`;
}

function rowDifferences(
  bidId: string,
  subject: string,
  [wanted, given]: readonly [WarehouseRow | undefined, WarehouseRow | undefined],
): Difference[] {
  if (wanted === undefined) {
    return [{ kind: "unknownInWarehouse", bidId, subject, expected: "no row", found: "a row" }];
  }
  if (given === undefined) {
    return [{ kind: "missingInWarehouse", bidId, subject, expected: "a row", found: "none" }];
  }
  return Object.entries(wanted)
    .filter(([column, value]) => (given[column] ?? null) !== value)
    .map(([column, value]): Difference => {
      const said = { expected: String(value), found: String(given[column] ?? null) };
      return { kind: "differsInWarehouse", bidId, subject: `${subject}, ${column}`, ...said };
    });
}

function expectedSettlement(settlement: Settlement): WarehouseRow {
  const row = settlementRowOf(settlement);
  const { state, version, auction_id, region, seat, currency, won, billed, owed, paid } = row;
  const { first_event_time, settled_time } = row;
  const texts = { state, version, auction_id, region, seat, currency };
  return { ...texts, won, billed, owed, paid, first_event_time, settled_time };
}

function expectedLines({
  entry,
  committedUs,
}: {
  readonly entry: LedgerEntry;
  readonly committedUs: number;
}): [string, WarehouseRow][] {
  const { bidId, seat, currency, cause, period } = entry;
  const commit_timestamp = rfc3339Of(committedUs);
  return linesOf(entry).map(({ entryId, account, nanos }) => [
    entryId,
    {
      entry_id: entryId,
      bid_id: bidId,
      ...{ account, seat, currency, cause, period, commit_timestamp },
      amount: formatNanos(nanos),
    },
  ]);
}

interface ExpectedRow {
  readonly row: WarehouseRow;
  readonly committedUs: number;
}
