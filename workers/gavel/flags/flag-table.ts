import type { Review } from "../../../shared/core/review/decide-review.ts";
import type { FlagRecord } from "../../../shared/core/review/flag-record.ts";
import type { FlagHistoryEntry } from "../../../shared/io/review-store.ts";

/** Flags as a table for a terminal. */
export function flagLines(records: readonly FlagRecord[]): string {
  if (records.length === 0) return "no flags\n";
  const rows = records.map(({ flagId, flag, isClosed, review }) => [
    flagId,
    flag.severity,
    flag.nats.toFixed(1),
    minutesOf(flag.endMs - flag.startMs) + (isClosed ? "" : ", going on"),
    `${flag.bidCount} / ${flag.expectedBids.toFixed(0)}`,
    reviewText(review),
    flag.reasons.map(({ code }) => code).join(", "),
  ]);
  return table([
    ["flag", "severity", "nats", "span", "bids / expected", "review", "reasons"],
    ...rows,
  ]);
}

/** One flag in full. */
export function flagDetails({ flagId, flag, isClosed, version, review }: FlagRecord): string {
  return [
    `${flagId}  version ${version}`,
    `${time(flag.startMs)} to ${time(flag.endMs)}${isClosed ? "" : ", going on"}, detected ${time(flag.detectedAtMs)}`,
    `severity ${flag.severity}, ${flag.nats.toFixed(1)} nats; ${flag.bidCount} bids where ${flag.expectedBids.toFixed(0)} were expected`,
    ...flag.reasons.map(
      ({ class: kind, code, says, nats }) => `  ${kind} ${code} (${nats}): ${says}`,
    ),
    `review: ${reviewText(review)}`,
    "",
  ].join("\n");
}

export function historyLines(history: readonly FlagHistoryEntry[]): string {
  return table(
    history.map(({ version, atMs, actor, action, reason }) => [
      String(version),
      time(atMs),
      actor,
      action,
      reason,
    ]),
  );
}

function reviewText(review: Review): string {
  switch (review.state) {
    case "open":
      return "open";
    case "claimed":
      return `claimed by ${review.by} until ${time(review.untilMs)}`;
    case "confirmed":
    case "dismissed":
      return `${review.state} by ${review.by}${review.reason === "" ? "" : `: ${review.reason}`}`;
  }
}

function minutesOf(ms: number): string {
  return `${Math.round(ms / 60_000)} min`;
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}
