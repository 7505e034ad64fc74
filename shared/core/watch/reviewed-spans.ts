import type { ConfirmedSpan } from "../detector/review-baseline.ts";
import { DAY_MS } from "../time.ts";

/** A flag since the snapshot, and what a person said of it. `endMs` is undefined while it is open. */
export type FlaggedSpan = {
  readonly startMs: number;
  readonly endMs: number | undefined;
  readonly evidence: number;
  readonly decision: "none" | "confirmed" | "dismissed";
};

/** A segment's flags since its snapshot, by flag id. */
export type ReviewedSpans = Readonly<Record<string, FlaggedSpan>>;

/** So long a flag may wait for its reviewer; confirmed later, it stays in the baseline. */
const REVIEW_HORIZON_MS = 2 * DAY_MS;

/**
 * Whether a snapshot taken before the slice at `sliceStartMs` may replace the one that is kept: nothing
 * is flagged or about to be, and no flag since the kept one waits for its reviewer.
 */
export function mayMoveSnapshot(
  spans: ReviewedSpans,
  isQuiet: boolean,
  sliceStartMs: number,
): boolean {
  return isQuiet && Object.values(spans).every((span) => !isAwaited(span, sliceStartMs));
}

function isAwaited({ endMs, decision }: FlaggedSpan, sliceStartMs: number): boolean {
  return endMs === undefined || (decision === "none" && sliceStartMs - endMs < REVIEW_HORIZON_MS);
}

/** The spans that leave the baseline. */
export function confirmedOf(spans: ReviewedSpans): ConfirmedSpan[] {
  return Object.values(spans).flatMap(({ startMs, endMs, decision }) =>
    decision === "confirmed" && endMs !== undefined ? [{ startMs, endMs }] : [],
  );
}

/** The evidence of the flags that turned out harmless. */
export function dismissedOf(spans: ReviewedSpans): { readonly evidence: number }[] {
  return Object.values(spans).filter(({ decision }) => decision === "dismissed");
}
