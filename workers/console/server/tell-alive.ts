import type { WorkerContext } from "../../../shared/io/run-worker.ts";
import type { Feed } from "./feed.ts";

const EVERY_MS = 1000;

/**
 * Sends every browser the happening `alive` each second, whatever else there is to send: without a word for
 * some seconds a page says that the console is gone.
 */
export function tellAlive(
  feeds: readonly Feed[],
  { clock, signal }: Pick<WorkerContext, "clock" | "signal">,
): void {
  const stop = clock.every(EVERY_MS, () => {
    for (const feed of feeds) feed.tell("alive", true);
  });
  signal.addEventListener("abort", stop, { once: true });
}
