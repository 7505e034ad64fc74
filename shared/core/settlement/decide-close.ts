import { nextMonthOf } from "./calendar.ts";

/** What is known of a currency's books when somebody asks to close a month. */
export interface BooksState {
  /** The last month that nothing is posted in any more, `YYYY-MM`; undefined while none is closed. */
  readonly closedThrough: string | undefined;
  /** The months whose totals are written, oldest first. The first of them holds all before it, too. */
  readonly closedMonths: readonly string[];
}

/**
 * - `close`: shut the month, then write what it came to.
 * - `finish`: it is shut, and whoever did so did not get to write its totals.
 */
export type CloseDecision =
  | { readonly kind: "close" }
  | { readonly kind: "finish" }
  | { readonly kind: "alreadyClosed"; readonly with: string }
  | { readonly kind: "unfinished"; readonly month: string }
  | { readonly kind: "notNext"; readonly next: string }
  | { readonly kind: "notOver"; readonly month: string };

/** Decides whether a month may be closed: each after the one before it, and none before it is over. */
export function decideClose(
  { closedThrough, closedMonths }: BooksState,
  month: string,
  currentMonth: string,
): CloseDecision {
  const holding = closedMonths.find((each) => each >= month);
  if (holding !== undefined) return { kind: "alreadyClosed", with: holding };
  if (month >= currentMonth) return { kind: "notOver", month: currentMonth };
  if (closedThrough === undefined) return { kind: "close" };
  if (closedThrough === month) return { kind: "finish" };
  if (!closedMonths.includes(closedThrough)) return { kind: "unfinished", month: closedThrough };
  const next = nextMonthOf(closedThrough);
  return month === next ? { kind: "close" } : { kind: "notNext", next };
}
