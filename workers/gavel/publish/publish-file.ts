import type { AuctionEvent } from "../../../shared/core/auction/event.ts";
import type { Refusal } from "../../../shared/core/auction/refusal.ts";
import { type RecordReader, readEventFile } from "../../../shared/io/event-file.ts";
import type { EventPublisher } from "../../../shared/io/event-publisher.ts";

/** How sending a file stands. */
export interface PublishProgress {
  published: number;
  refused: number;
  /** The first refusals, at most {@link REFUSALS_SHOWN}, with their lines. */
  readonly refusals: (Refusal & { readonly line: number })[];
}

/** Events sent together; the next ones are read while they are on their way. */
const BATCH_EVENTS = 5000;
const BATCHES_UNDER_WAY_MAX = 2;
const REFUSALS_SHOWN = 10;

/**
 * Publishes the events of a file in its order; refused ones are counted and kept in `progress`.
 * Resolves once Pub/Sub has all of them.
 */
export async function publishFile(
  file: string,
  publisher: EventPublisher,
  options: {
    readonly read: RecordReader;
    readonly onProgress?: (progress: PublishProgress) => void;
  },
): Promise<PublishProgress> {
  const progress: PublishProgress = { published: 0, refused: 0, refusals: [] };
  const underWay: Promise<void>[] = [];
  const send = async (batch: readonly AuctionEvent[]): Promise<void> => {
    await publisher.publish(batch);
    progress.published += batch.length;
    options.onProgress?.(progress);
  };
  let batch: AuctionEvent[] = [];
  for await (const { line, event } of readEventFile(file, options.read)) {
    if ("kind" in event) {
      progress.refused++;
      if (progress.refusals.length < REFUSALS_SHOWN) progress.refusals.push({ ...event, line });
      continue;
    }
    batch.push(event);
    if (batch.length < BATCH_EVENTS) continue;
    underWay.push(send(batch));
    batch = [];
    if (underWay.length >= BATCHES_UNDER_WAY_MAX) await underWay.shift();
  }
  if (batch.length > 0) underWay.push(send(batch));
  await Promise.all(underWay);
  return progress;
}
