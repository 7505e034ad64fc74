import type { FlagEvent } from "../../../shared/core/detector/flag-track.ts";
import { thresholdNats } from "../../../shared/core/detector/flag-track.ts";
import { createWatch, stepClosedSlice } from "../../../shared/core/detector/watch-segments.ts";
import type { Streams } from "../streams.ts";
import type { ClosedSlice } from "./read-slices.ts";

/**
 * Runs closed slices through the detector and writes a row a flag as it closes; those that are open at the
 * end have `"end": null`. Says on stderr what was seen.
 */
export async function detectSlices(
  slices: AsyncIterable<ClosedSlice>,
  options: { readonly sliceMs: number; readonly falseAlarmsPerSegmentWeek: number },
  { stdout, stderr }: Streams,
): Promise<number> {
  const { sliceMs } = options;
  const threshold = thresholdNats(options.falseAlarmsPerSegmentWeek, sliceMs);
  const watch = createWatch(sliceMs, threshold);
  let sliceCount = 0;
  let flags = 0;
  let learning = 0;
  for await (const { sliceStartMs, rows } of slices) {
    sliceCount += 1;
    learning = 0;
    for (const { verdict, event } of stepClosedSlice(watch, sliceStartMs, rows)) {
      if (verdict.isLearning) learning += 1;
      if (event?.kind !== "close") continue;
      flags += 1;
      stdout.write(flagRow(event.flag, threshold, event.flag.endMs));
    }
  }
  for (const { track } of watch.segments.values()) {
    if (track.open === undefined) continue;
    flags += 1;
    stdout.write(flagRow(track.open, threshold, undefined));
  }
  stderr.write(`${sliceCount} slices of ${watch.segments.size} segments: ${flags} flags\n`);
  if (learning > 0) {
    stderr.write(
      `${learning} segments were still learning at the end: a segment is silent for its first four days\n`,
    );
  }
  return 0;
}

function flagRow(flag: FlagEvent["flag"], threshold: number, endMs: number | undefined): string {
  const row = {
    segment: flag.segment,
    start: new Date(flag.startMs).toISOString(),
    end: endMs === undefined ? null : new Date(endMs).toISOString(),
    detected_at: new Date(flag.detectedAtMs).toISOString(),
    score: Math.round((1e4 * flag.nats) / (flag.nats + threshold)) / 1e4,
    severity: flag.severity,
    reasons: flag.reasons.map((reason) => `${reason.class} ${reason.code}: ${reason.says}`),
    bid_count: flag.bidCount,
    expected_bids: Math.round(flag.expectedBids),
  };
  return `${JSON.stringify(row)}\n`;
}
