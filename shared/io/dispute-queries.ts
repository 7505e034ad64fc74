import type { Database } from "@google-cloud/spanner";
import { microsOf, rfc3339Of } from "../core/settlement/calendar.ts";
import { DISPUTE_REASONS, type DisputeReason } from "../core/settlement/weigh-claims.ts";
import { classified } from "./grpc-status.ts";
import { SpannerRow } from "./spanner-row.ts";

/** One bid that waits for a person. */
export interface OpenDispute {
  readonly bid_id: string;
  readonly seat: string;
  readonly reasons: readonly DisputeReason[];
  readonly currency: string;
  /** What it may come to, a decimal of currency units. */
  readonly at_stake: string;
  /** When it was opened or last changed, RFC 3339. */
  readonly committed_at: string;
}

/** Open disputes by seat and bid, of one seat or of all, at most `limit`. */
export async function readOpenDisputes(
  database: Database,
  { seat, limit }: { readonly seat: string | undefined; readonly limit: number },
): Promise<OpenDispute[]> {
  const ofSeat = seat === undefined ? "" : "AND open_seat = @seat";
  try {
    const [rows] = await database.run({
      sql: `SELECT bid_id, open_seat AS seat, reasons, currency, at_stake, committed_at FROM Disputes
        WHERE open_seat IS NOT NULL ${ofSeat} ORDER BY open_seat, bid_id LIMIT ${limit}`,
      ...(seat === undefined ? {} : { params: { seat } }),
      json: true,
    });
    return rows.map(openDisputeFrom);
  } catch (error) {
    throw classified(error, "read open disputes");
  }
}

function openDisputeFrom(decoded: object): OpenDispute {
  const row = new SpannerRow(decoded);
  return {
    bid_id: row.text("bid_id"),
    seat: row.text("seat"),
    reasons: row.words("reasons", DISPUTE_REASONS),
    currency: row.text("currency"),
    at_stake: row.decimal("at_stake"),
    committed_at: rfc3339Of(microsOf(row.time("committed_at"))),
  };
}
