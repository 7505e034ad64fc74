import { formatNanos } from "../money.ts";
import { atStakeNanosOf } from "./report.ts";
import type { Settlement } from "./settlement.ts";
import type { DisputeReason } from "./weigh-claims.ts";

/** A row of `Disputes`, without its commit timestamp. */
export interface DisputeRow {
  readonly bid_id: string;
  /** The seat while the dispute is open, null once it is resolved. */
  readonly open_seat: string | null;
  readonly version: number;
  readonly reasons: readonly DisputeReason[];
  readonly currency: string;
  readonly at_stake: string;
}

/**
 * The row to write where a change of its settlement opens, alters or ends a bid's dispute; undefined
 * where the bid was not disputed and is not.
 */
export function disputeRowOf(
  before: Settlement | undefined,
  after: Settlement,
): DisputeRow | undefined {
  const isOpen = after.state === "disputed";
  if (!isOpen && before?.state !== "disputed") return undefined;
  const { bidId, version, seat, currency, disputeReasons } = after;
  return {
    bid_id: bidId,
    open_seat: isOpen ? seat : null,
    version,
    reasons: disputeReasons,
    currency,
    at_stake: formatNanos(isOpen ? atStakeNanosOf(after) : 0n),
  };
}
