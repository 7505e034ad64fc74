import type { BigQuery } from "@google-cloud/bigquery";
import type { PastSlice } from "../../shared/core/detector/review-baseline.ts";
import { type BaselineTask, learnReview, needOf } from "../../shared/core/watch/learn-review.ts";
import type { DetectorStore } from "../../shared/io/detector-store.ts";
import type { Log } from "../../shared/io/ports.ts";
import { readSegmentWindows } from "../../shared/io/segment-history.ts";
import type { OwnShard } from "./held-shards.ts";

export interface LearnPorts {
  readonly store: DetectorStore;
  readonly bigquery: BigQuery;
  readonly log: Log;
}

/** Teaches a shard's baselines what reviewers decided; what cannot be learned yet waits for its next turn. */
export async function learnReviews(
  shard: OwnShard,
  ports: LearnPorts,
  sliceMs: number,
): Promise<void> {
  const { watch, learned } = shard;
  for (const task of await ports.store.tasks(shard.held.shard)) {
    if (learned.some(({ flagId, version }) => flagId === task.flagId && version === task.version)) {
      continue;
    }
    const need = needOf(watch, task);
    if (need.kind === "later") continue;
    if (need.kind === "never") {
      ports.log.warn("decided too late for the baseline", { flag: task.flagId });
    } else {
      const fromMs = need.kind === "history" ? need.fromMs : watch.nextSliceMs;
      const history = await historyOf(ports.bigquery, task, { fromMs, sliceMs, watch });
      if (history === undefined) continue;
      learnReview(watch, task, { history, sliceMs });
      ports.log.info("review learned", { flag: task.flagId, decision: task.decision });
    }
    learned.push(task);
  }
}

/** The segment's slices since `fromMs`; undefined while BigQuery does not show all of them. */
async function historyOf(
  bigquery: BigQuery,
  { segment }: BaselineTask,
  { fromMs, sliceMs, watch }: { fromMs: number; sliceMs: number; watch: OwnShard["watch"] },
): Promise<PastSlice[] | undefined> {
  const untilMs = watch.nextSliceMs;
  if (fromMs >= untilMs) return [];
  const slices = await readSegmentWindows(bigquery, { segment, fromMs, untilMs });
  return slices.length === (untilMs - fromMs) / sliceMs ? slices : undefined;
}
