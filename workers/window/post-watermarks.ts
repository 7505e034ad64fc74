import { messageOf } from "../../shared/core/errors.ts";
import type { RegionWatermark } from "../../shared/core/window/watermark.ts";
import type { WindowEngine } from "../../shared/core/window/window-engine.ts";
import type { PullStream } from "../../shared/io/pull-stream.ts";
import type { WorkerContext } from "../../shared/io/run-worker.ts";
import type { TableWriter, Upsert } from "../../shared/io/table-writer.ts";
import type { WatermarkBoard } from "../../shared/io/watermark-board.ts";
import type { WindowWorker } from "./window-worker.ts";

const POST_EVERY_MS = 1000;

/**
 * Posts the worker's key watermarks about once a second, moves the region's watermark on, tells the
 * engine and BigQuery of it, and has the panes fired that it makes due. A post that fails is made up for by the next one. Returns how to stop.
 */
export function postWatermarks(
  parts: {
    readonly board: WatermarkBoard;
    readonly published: TableWriter;
    readonly engine: WindowEngine;
    readonly worker: WindowWorker;
    readonly place: { readonly region: string; readonly subscription: string };
    readonly source: PullStream;
    readonly allowedLatenessMs: number;
  },
  context: WorkerContext,
): () => void {
  const { board, published, engine, worker, place, source, allowedLatenessMs } = parts;
  const { clock, log, metrics } = context;
  let isPosting = false;
  const post = async (): Promise<void> => {
    const moved = engine.watermarks.takeUnposted();
    try {
      await board.post(place.subscription, moved);
      const options = { nowMs: clock.nowMs(), hasBacklog: source.mayHaveBacklog() };
      const reached = await board.advance(place, options);
      if (reached !== undefined && reached.watermarkMs > engine.regionWatermarkMs) {
        await published.upsert([watermarkUpsert(place.region, reached, allowedLatenessMs)]);
        engine.raiseRegionWatermark(reached.watermarkMs);
      }
      await worker.fireOnTime();
      if (reached !== undefined) {
        metrics.set("watermark_ms", engine.regionWatermarkMs);
        metrics.set("watermark_age_ms", clock.nowMs() - engine.regionWatermarkMs);
      }
    } catch (error) {
      engine.watermarks.putBack(moved);
      metrics.add("watermark_posts_failed");
      log.warn("watermarks not posted", { reason: messageOf(error) });
    }
  };
  return clock.every(POST_EVERY_MS, () => {
    if (isPosting) return;
    isPosting = true;
    void post().finally(() => {
      isPosting = false;
    });
  });
}

function watermarkUpsert(
  region: string,
  { watermarkMs, heldBy }: RegionWatermark,
  allowedLatenessMs: number,
): Upsert {
  return {
    row: {
      region,
      watermark: watermarkMs * 1000,
      final_before: (watermarkMs - allowedLatenessMs) * 1000,
      held_by: heldBy,
    },
    sequence: watermarkMs.toString(16),
  };
}
