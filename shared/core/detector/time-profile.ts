/** A periodic curve of `bins` knots, linear between them, kept in `state` from `at` on. */
export function profileAt(state: Float32Array, at: number, bins: number, share: number): number {
  const place = share * bins;
  const bin = Math.floor(place);
  const part = place - bin;
  const left = state[at + (bin % bins)] ?? 0;
  const right = state[at + ((bin + 1) % bins)] ?? 0;
  return left + (right - left) * part;
}

/** Moves the curve at `share` (0 to 1 of the period) by about `amount`, spread on both knots. */
export function addToProfile(
  state: Float32Array,
  at: number,
  bins: number,
  { share, amount }: { share: number; amount: number },
): void {
  const place = share * bins;
  const bin = Math.floor(place);
  const part = place - bin;
  const left = at + (bin % bins);
  const right = at + ((bin + 1) % bins);
  state[left] = (state[left] ?? 0) + amount * (1 - part);
  state[right] = (state[right] ?? 0) + amount * part;
}
