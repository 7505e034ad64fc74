import { messageOf } from "../../../shared/core/errors.ts";
import type { WorkerContext } from "../../../shared/io/run-worker.ts";
import type { Feed } from "./feed.ts";

/** A source that does not answer for this long counts as out of reach. */
const ANSWER_MAX_MS = 10_000;
const RETRY_MS = 1000;

/** What the page says of a source: a problem, or that there is none. */
export interface SourceState {
  readonly problem: string | undefined;
  /** When it answered last; when it was first asked where it never did. */
  readonly answeredAtMs: number;
}

/**
 * Reads a source again and again, one read at a time, at most every `everyMs`, while the feed is watched
 * (`always`: also while it is not). A read that fails is shown in the feed's part `source:<name>` and
 * tried again; so however many browsers listen, a source is asked the same.
 */
export function poll(
  source: { readonly name: string; readonly everyMs: number; readonly always?: true },
  read: () => Promise<void>,
  { feed, context }: { readonly feed: Feed; readonly context: WorkerContext },
): void {
  const { clock, log, metrics, signal } = context;
  let problem: string | undefined;
  let answeredAtMs = clock.nowMs();
  const show = (next: string | undefined): void => {
    if (next === problem) return;
    problem = next;
    feed.set(`source:${source.name}`, { problem, answeredAtMs } satisfies SourceState);
    if (problem === undefined) log.info("source answers", { source: source.name });
    else log.warn("source out of reach", { source: source.name, reason: problem });
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const startMs = clock.nowMs();
      let waitMs = source.everyMs;
      const isWanted = feed.isWatched || source.always === true;
      if (!isWanted) answeredAtMs = startMs;
      else {
        try {
          await answered(read(), context);
          answeredAtMs = clock.nowMs();
          show(undefined);
        } catch (error) {
          show(messageOf(error));
          metrics.add("reads_failed");
          waitMs = Math.max(waitMs, RETRY_MS);
        }
      }
      await clock.sleep(Math.max(0, startMs + waitMs - clock.nowMs()), signal);
    }
  };
  void run();
}

/** Rejects where the answer does not come in time; what comes later is not looked at. */
async function answered(answer: Promise<void>, { clock, signal }: WorkerContext): Promise<void> {
  const waiting = new AbortController();
  const patience = clock.sleep(ANSWER_MAX_MS, AbortSignal.any([waiting.signal, signal]));
  const overdue = patience.then(() => {
    if (!waiting.signal.aborted) throw new Error(`no answer within ${ANSWER_MAX_MS / 1000} s`);
  });
  overdue.catch(() => undefined);
  answer.catch(() => undefined);
  try {
    await Promise.race([answer, overdue]);
  } finally {
    waiting.abort();
  }
}
