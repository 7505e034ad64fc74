import { messageOf, RetryableError } from "../../shared/core/errors.ts";
import type { FlagBoard } from "../../shared/io/flag-board.ts";
import { type FlagTopic, flagUpsert } from "../../shared/io/flag-upsert.ts";
import type { WorkerContext } from "../../shared/io/run-worker.ts";
import type { TableWriter } from "../../shared/io/table-writer.ts";

export interface FlagPorts {
  readonly board: FlagBoard;
  readonly flags: TableWriter;
  readonly topic: FlagTopic;
}

/**
 * Publishes every version of flags of these shards that is not published, whoever made it. A crash in the
 * middle costs a repeat: BigQuery keeps the highest version, and messages name theirs. Returns how many.
 */
export async function publishFlags(
  { board, flags, topic }: FlagPorts,
  shards: readonly number[],
  { log, metrics }: WorkerContext,
): Promise<number> {
  try {
    const records = await board.unpublished(shards);
    if (records.length === 0) return 0;
    await flags.upsert(records.map(flagUpsert));
    await topic.publish(records);
    await board.confirmPublished(records);
    metrics.add("flags_published", records.length);
    return records.length;
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    log.warn("flags not published", { reason: messageOf(error) });
    return 0;
  }
}
