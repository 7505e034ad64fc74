/** The name of a made-up segment, as events, slices and detector say it. */
export function segmentName(segment: number): string {
  return `segment-${String(segment).padStart(2, "0")}`;
}
