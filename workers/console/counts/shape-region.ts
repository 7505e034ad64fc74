import {
  type PostedWatermark,
  type RegionState,
  regionStateOf,
} from "../../../shared/core/window/region-state.ts";
import { type KeyProgress, newestSeenMs } from "../../../shared/core/window/watermark.ts";

/** A region as the page shows it. Times in milliseconds; null where nothing is known. */
export interface RegionView {
  readonly region: string;
  readonly state: RegionState;
  readonly watermarkMs: number | null;
  readonly behindMs: number | null;
  /** The ordering key that holds the watermark, "" where none does. */
  readonly heldBy: string;
  readonly activeKeys: number;
  /** When the newest event was counted. */
  readonly newestEventMs: number | null;
}

export function shapeRegion(
  region: string,
  stored: {
    readonly posted: PostedWatermark | undefined;
    readonly keys: ReadonlyMap<string, KeyProgress>;
  },
  nowMs: number,
): RegionView {
  const { posted, keys } = stored;
  const newestMs = newestSeenMs(keys);
  return {
    region,
    state: regionStateOf(posted, newestMs, nowMs),
    watermarkMs: posted?.watermarkMs ?? null,
    behindMs: posted === undefined ? null : nowMs - posted.watermarkMs,
    heldBy: posted?.heldBy ?? "",
    activeKeys: posted?.activeKeys ?? 0,
    newestEventMs: Number.isFinite(newestMs) ? newestMs : null,
  };
}
