import type { Database } from "@google-cloud/spanner";
import { classified } from "./grpc-status.ts";
import { wireRowOf } from "./spanner-row.ts";

/** One bid that waits for a person. */
export interface OpenDispute {
  readonly bid_id: string;
  readonly seat: string;
  readonly reasons: readonly string[];
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
    // The DDL promises these columns; the client types a row as an open record.
    return rows.map((row) => wireRowOf(row) as unknown as OpenDispute);
  } catch (error) {
    throw classified(error, "read open disputes");
  }
}
