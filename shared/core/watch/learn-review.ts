import { leaveOutConfirmed, type PastSlice, teachDismissed } from "../detector/review-baseline.ts";
import { type Baseline, readBaseline } from "../detector/step-detector.ts";
import { confirmedOf, dismissedOf, type FlaggedSpan } from "./reviewed-spans.ts";
import type { ShardWatch } from "./shard-watch.ts";

/** What a reviewer decided on a flag. */
export type BaselineTask = {
  readonly flagId: string;
  readonly segment: string;
  readonly version: number;
  readonly decision: "confirmed" | "dismissed" | "reopened";
};

/**
 * What a task needs: `history`: the segment's slices since `fromMs`; `later`: its flag is still open;
 * `never`: the snapshot has moved on, and the baseline keeps the span.
 */
export type TaskNeed =
  | { readonly kind: "nothing" | "later" | "never" }
  | { readonly kind: "history"; readonly fromMs: number };

export function needOf(watch: ShardWatch, { segment, flagId, decision }: BaselineTask): TaskNeed {
  if (watch.watched(segment) === undefined) return { kind: "never" };
  const { reviewed, snapshotSliceMs } = watch.keepOf(segment);
  const span = reviewed[flagId];
  if (span === undefined) return { kind: "never" };
  if (span.endMs === undefined) return { kind: "later" };
  const isPlain = decision === "dismissed" && span.decision === "none";
  return isPlain ? { kind: "nothing" } : { kind: "history", fromMs: snapshotSliceMs };
}

/** Teaches a segment's baseline a decision; `history` is empty where none is needed. */
export function learnReview(
  watch: ShardWatch,
  task: BaselineTask,
  { history, sliceMs }: { readonly history: readonly PastSlice[]; readonly sliceMs: number },
): void {
  const { segment, flagId, decision } = task;
  const need = needOf(watch, task);
  const watched = watch.watched(segment);
  const keep = watch.keepOf(segment);
  const span = keep.reviewed[flagId];
  if (watched === undefined || span === undefined) return;
  const decided: FlaggedSpan = { ...span, decision: decision === "reopened" ? "none" : decision };
  keep.reviewed = { ...keep.reviewed, [flagId]: decided };
  let learned: Baseline;
  if (need.kind === "nothing") learned = teachDismissed(watched.baseline, span);
  else {
    const spans = confirmedOf(keep.reviewed);
    learned = leaveOutConfirmed(readBaseline(keep.snapshot), history, { spans, sliceMs });
    for (const dismissed of dismissedOf(keep.reviewed))
      learned = teachDismissed(learned, dismissed);
  }
  watched.baseline.state.set(learned.state);
}
