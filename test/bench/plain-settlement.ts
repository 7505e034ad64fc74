import { type Database, Spanner } from "@google-cloud/spanner";
import { rfc3339Of } from "../../shared/core/settlement/calendar.ts";
import { decideSettlement } from "../../shared/core/settlement/decide-settlement.ts";
import { addedUp, amountsOf, type Posting } from "../../shared/core/settlement/ledger.ts";
import type { Notice } from "../../shared/core/settlement/settlement-event.ts";
import {
  amountsOfDecimals,
  claimRowOf,
  decimalsOf,
  entryRowOf,
  settlementOf,
  settlementRowOf,
} from "../../shared/core/settlement/settlement-row.ts";
import {
  accountsFrom,
  claimColumns,
  claimRowFrom,
  settlementColumns,
  settlementRowFrom,
} from "../../shared/io/settlement-rows.ts";
import { SpannerRow } from "../../shared/io/spanner-row.ts";

/**
 * The way one would write it first: an event, a transaction. Reads the bid, decides, writes what changed;
 * `atOnce` of them under way, each bid's events in order. The client tries aborted ones again.
 */
export async function settlePlainly(
  database: Database,
  events: readonly Notice[],
  atOnce: number,
): Promise<void> {
  const bids = [...Map.groupBy(events, ({ bidId }) => bidId).values()];
  let next = 0;
  const work = async (shard: number): Promise<void> => {
    for (let own = bids[next++]; own !== undefined; own = bids[next++]) {
      for (const event of own) await settleOne(database, event, shard);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, index) => work(100 + index)));
}

const config = { billOnBilling: new Set(""), toleranceNanos: new Map(), closedThrough: new Map() };

async function settleOne(database: Database, event: Notice, shard: number): Promise<void> {
  await database.runTransactionAsync(async (transaction) => {
    const { bidId } = event;
    const [rows] = await transaction.read("Settlements", {
      keys: [bidId],
      columns: [...settlementColumns],
      json: true,
    });
    const [claims] = await transaction.read("SettlementEvents", {
      ranges: [{ startClosed: [bidId], endClosed: [bidId] }],
      columns: [...claimColumns],
      json: true,
    });
    const [row] = rows.map(settlementRowFrom);
    const known = claims.map(claimRowFrom);
    const before = row === undefined ? undefined : settlementOf(row, known);
    const { settlement, entries, claim } = decideSettlement(before, event, config);
    const written = { version: String(settlement.version), committed_at: Spanner.COMMIT_TIMESTAMP };
    transaction.upsert("Settlements", { ...settlementRowOf(settlement), ...written });
    if (claim !== undefined) {
      const publish_time = rfc3339Of(event.eventTimeUs);
      const claimRow = claimRowOf(bidId, settlement.version, claim);
      transaction.upsert("SettlementEvents", { ...claimRow, publish_time, ...written });
    }
    for (const entry of entries) {
      transaction.insert("LedgerEntries", {
        ...entryRowOf(entry),
        part: String(entry.part),
        ...written,
      });
      const place = { seat: entry.seat, currency: entry.currency, shard: String(shard) };
      const [balances] = await transaction.read("AccountBalances", {
        keys: [[place.seat, place.currency, place.shard]],
        columns: ["receivable", "cash", "revenue", "overpayment", "dispute"],
        json: true,
      });
      const standing = balances.map((balance): Posting => {
        return { ...entry, amounts: amountsOfDecimals(accountsFrom(new SpannerRow(balance))) };
      });
      const sum = addedUp([entry, ...standing])[0]?.amounts ?? amountsOf(0n, 0n);
      transaction.upsert("AccountBalances", {
        ...place,
        ...decimalsOf(sum),
        committed_at: Spanner.COMMIT_TIMESTAMP,
      });
    }
    await transaction.commit();
  });
}
