import { Spanner } from "@google-cloud/spanner";
import type { Flag } from "../core/detector/flag-track.ts";
import type { Review } from "../core/review/decide-review.ts";
import type { FlagRecord } from "../core/review/flag-record.ts";

/** The columns of `Flags` that a {@link FlagRecord} is read from. */
export const flagColumns = [
  "flag_id",
  "shard",
  "segment",
  "start_time",
  "end_time",
  "detected_at",
  "is_closed",
  "severity",
  "nats",
  "evidence",
  "reasons",
  "bid_count",
  "expected_bids",
  "version",
  "review_state",
  "claimed_by",
  "claimed_until",
  "decided_by",
  "decision_reason",
];

interface FlagRow {
  readonly flag_id: string;
  readonly shard: number;
  readonly segment: string;
  readonly start_time: Date;
  readonly end_time: Date;
  readonly detected_at: Date;
  readonly is_closed: boolean;
  readonly severity: Flag["severity"];
  readonly nats: number;
  readonly evidence: number;
  readonly reasons: Flag["reasons"];
  readonly bid_count: number;
  readonly expected_bids: number;
  readonly version: number;
  readonly review_state: Review["state"];
  readonly claimed_by: string | null;
  readonly claimed_until: Date | null;
  readonly decided_by: string | null;
  readonly decision_reason: string | null;
}

/** A row of `Flags`, read with `json: true`, as the record it holds. */
export function flagRecordOf(read: object): FlagRecord {
  // The DDL promises these columns; the client types a row as an open record.
  const row = read as FlagRow;
  return {
    flagId: row.flag_id,
    shard: row.shard,
    flag: {
      segment: row.segment,
      startMs: row.start_time.getTime(),
      endMs: row.end_time.getTime(),
      detectedAtMs: row.detected_at.getTime(),
      nats: row.nats,
      severity: row.severity,
      evidence: row.evidence,
      reasons: row.reasons,
      bidCount: row.bid_count,
      expectedBids: row.expected_bids,
    },
    isClosed: row.is_closed,
    version: row.version,
    review: reviewOf(row),
  };
}

function reviewOf(row: FlagRow): Review {
  switch (row.review_state) {
    case "open":
      return { state: "open" };
    case "claimed":
      return {
        state: "claimed",
        by: row.claimed_by ?? "",
        untilMs: row.claimed_until?.getTime() ?? 0,
      };
    case "confirmed":
    case "dismissed":
      return {
        state: row.review_state,
        by: row.decided_by ?? "",
        reason: row.decision_reason ?? "",
      };
  }
}

/** The columns that say what the span is. */
export function spanColumns(flag: Flag, isClosed: boolean): Record<string, unknown> {
  return {
    segment: flag.segment,
    start_time: new Date(flag.startMs).toISOString(),
    end_time: new Date(flag.endMs).toISOString(),
    detected_at: new Date(flag.detectedAtMs).toISOString(),
    is_closed: isClosed,
    severity: flag.severity,
    nats: Spanner.float(flag.nats),
    evidence: Spanner.float(flag.evidence),
    reasons: JSON.stringify(flag.reasons),
    bid_count: flag.bidCount,
    expected_bids: Spanner.float(flag.expectedBids),
  };
}

/** The columns that say how far the review is. */
export function reviewColumns(review: Review): Record<string, string | null> {
  const isDecided = review.state === "confirmed" || review.state === "dismissed";
  return {
    review_state: review.state,
    claimed_by: review.state === "claimed" ? review.by : null,
    claimed_until: review.state === "claimed" ? new Date(review.untilMs).toISOString() : null,
    decided_by: isDecided ? review.by : null,
    decision_reason: isDecided ? review.reason : null,
  };
}
