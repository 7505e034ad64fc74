/** A seeded generator, uniform in [0, 1): a 32-bit linear congruential step, its output scrambled. */
export function prng(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    let word = state ^ (state >>> 16);
    word = Math.imul(word, 0x7f_eb_35_2d);
    word ^= word >>> 15;
    return (word >>> 0) / 4_294_967_296;
  };
}
