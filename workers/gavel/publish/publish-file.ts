import type { AuctionEvent } from "../../../shared/core/auction/event.ts";
import { refuseFuture } from "../../../shared/core/auction/future-skew.ts";
import type { Refusal } from "../../../shared/core/auction/refusal.ts";
import { type RecordReader, readEventFile } from "../../../shared/io/event-file.ts";
import type { EventPublisher } from "../../../shared/io/event-publisher.ts";

/** How sending a file stands. */
export interface PublishProgress {
  /** Events that Pub/Sub has confirmed. */
  published: number;
  refused: number;
  /** The first refusals, at most {@link REFUSALS_SHOWN}, with their lines. */
  readonly refusals: (Refusal & { readonly line: number })[];
}

export interface PublishFileOptions {
  readonly read: RecordReader;
  /** Once aborted, nothing more is read; what is on its way is still waited for. */
  readonly signal?: AbortSignal;
  /** Called whenever Pub/Sub confirmed a batch; `bytesRead` is of the file. */
  readonly onProgress?: (progress: PublishProgress, bytesRead: number) => void;
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
  options: PublishFileOptions,
): Promise<PublishProgress> {
  const progress: PublishProgress = { published: 0, refused: 0, refusals: [] };
  const underWay: Promise<void>[] = [];
  let bytesRead = 0;
  const onRead = (bytes: number): void => {
    bytesRead += bytes;
  };
  const send = (batch: readonly AuctionEvent[]): void => {
    const sending = publisher.publish(batch).then(() => {
      progress.published += batch.length;
      options.onProgress?.(progress, bytesRead);
    });
    // Its failure is looked at further down, and is unhandled for nobody until then.
    sending.catch(() => undefined);
    underWay.push(sending);
  };
  let batch: AuctionEvent[] = [];
  try {
    for await (const { line, event: record } of readEventFile(file, options.read, onRead)) {
      if (options.signal?.aborted === true) return progress;
      const event = refuseFuture(record, Date.now());
      if ("kind" in event) {
        progress.refused++;
        if (progress.refusals.length < REFUSALS_SHOWN) progress.refusals.push({ ...event, line });
        continue;
      }
      batch.push(event);
      if (batch.length < BATCH_EVENTS) continue;
      send(batch);
      batch = [];
      if (underWay.length >= BATCHES_UNDER_WAY_MAX) await underWay.shift();
    }
    if (batch.length > 0) send(batch);
    await Promise.all(underWay);
    return progress;
  } finally {
    // However it ends, nothing is on its way any more when the caller goes on.
    await Promise.allSettled(underWay);
  }
}
