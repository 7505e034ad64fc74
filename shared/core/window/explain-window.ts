import { type PostedWatermark, regionStateOf } from "./region-state.ts";
import { type KeyProgress, newestSeenMs } from "./watermark.ts";

/** Why a window is open, or that it is final. Times in milliseconds. */
export type WindowStanding = {
  /** The watermark at which the window is final: its end and the allowed lateness. */
  readonly finalAtMs: number;
  /** Whether the window's end is behind the watermark: what comes for it is a correction. */
  readonly isOnTime: boolean;
  readonly watermarkMs: number | undefined;
} & (
  | { readonly kind: "final" | "unknownRegion" }
  /** Events are counted, but a backlog may hold ordering keys that were not seen: no watermark yet. */
  | { readonly kind: "starting" }
  /** Nobody posts for the region, or its keys stand still though they count as active. */
  | { readonly kind: "dark"; readonly sinceMs: number }
  /** Nothing waits and nothing comes: the watermark stands at the newest event. */
  | { readonly kind: "idle"; readonly sinceMs: number }
  | {
      readonly kind: "held";
      readonly key: string;
      readonly keyWatermarkMs: number;
      /** When the key last moved. */
      readonly sinceMs: number;
      /** How many of the region's keys stand below what the window needs, this one among them. */
      readonly keysBelow: number;
      readonly keys: number;
    }
);

/** Tells why the window that ends at `endMs` stands as it does, from what its region's workers posted. */
export function explainWindow(
  window: { readonly endMs: number; readonly allowedLatenessMs: number },
  stored: {
    readonly posted: PostedWatermark | undefined;
    readonly keys: ReadonlyMap<string, KeyProgress>;
  },
  nowMs: number,
): WindowStanding {
  const { posted, keys } = stored;
  const finalAtMs = window.endMs + window.allowedLatenessMs;
  if (posted === undefined) {
    const kind = keys.size === 0 ? "unknownRegion" : "starting";
    return { kind, finalAtMs, isOnTime: false, watermarkMs: undefined };
  }
  const { watermarkMs } = posted;
  const known = { finalAtMs, isOnTime: watermarkMs >= window.endMs, watermarkMs };
  if (watermarkMs >= finalAtMs) return { kind: "final", ...known };
  const newestMs = newestSeenMs(keys);
  const state = regionStateOf(posted, newestMs, nowMs);
  if (state === "dark") return { kind: "dark", sinceMs: newestMs, ...known };
  const held = keys.get(posted.heldBy);
  if (held === undefined) return { kind: "idle", sinceMs: newestMs, ...known };
  return {
    kind: "held",
    key: posted.heldBy,
    keyWatermarkMs: held.watermarkMs,
    sinceMs: held.lastSeenMs,
    keysBelow: [...keys.values()].filter((key) => key.watermarkMs < finalAtMs).length,
    keys: keys.size,
    ...known,
  };
}
