import type { RegionWatermark } from "./watermark.ts";
import { KEY_IDLE_MS } from "./watermark.ts";

/** A region's stored watermark, and when a worker last posted it. Milliseconds. */
export interface PostedWatermark extends RegionWatermark {
  readonly postedAtMs: number;
}

/** A worker posts its region's watermark about once a second; without a post for this long it is gone. */
export const POST_MISSED_MS = 15_000;

/**
 * How a region stands. `unknown`: nothing of it was ever counted. `live`: events come. `silent`: none for
 * a while, and none are known to wait. `dark`: its worker posts nothing, or keys that should move have not
 * for a minute: it is cut off. `idle`: every key is idle and nothing waits.
 */
export type RegionState = "unknown" | "live" | "silent" | "dark" | "idle";

/** Tells a region's state from its watermark and from when the newest event of any key was committed. */
export function regionStateOf(
  posted: PostedWatermark | undefined,
  newestEventMs: number,
  nowMs: number,
): RegionState {
  if (posted === undefined) return Number.isFinite(newestEventMs) ? "live" : "unknown";
  if (nowMs - posted.postedAtMs > POST_MISSED_MS) return "dark";
  if (posted.activeKeys === 0) return "idle";
  const silentMs = nowMs - newestEventMs;
  // A key that is idle by its own clock and still counts as active: the worker is cut off, or behind.
  if (silentMs > KEY_IDLE_MS + POST_MISSED_MS) return "dark";
  return silentMs > POST_MISSED_MS ? "silent" : "live";
}
