/** How long retries wait at the least and at the most, before jitter. Milliseconds. */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait after a failure: anywhere up to a ceiling that doubles with each (full jitter, so that
 * a fleet does not come back in step). `random` is uniform in [0, 1).
 */
export function jitteredMs(
  { minMs, maxMs }: Backoff,
  doublings: number,
  random: () => number,
): number {
  return random() * Math.min(maxMs, minMs * 2 ** doublings);
}
