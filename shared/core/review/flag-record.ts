import type { Flag } from "../detector/flag-track.ts";
import { rfc3339Of } from "../settlement/calendar.ts";
import type { Review } from "./decide-review.ts";

/** A flag as it is stored: what the detector says of the span, and what people decided. */
export type FlagRecord = {
  readonly flagId: string;
  readonly shard: number;
  readonly flag: Flag;
  readonly isClosed: boolean;
  /** Rises with every change of the span or the review. */
  readonly version: number;
  readonly review: Review;
};

/** A flag's identity: its segment and the first instant of its span. */
export function flagIdOf({ segment, startMs }: Pick<Flag, "segment" | "startMs">): string {
  return `${segment}@${rfc3339Of(startMs * 1000)}`;
}
