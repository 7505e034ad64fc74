/**
 * Seeded chance for simulations: the same seed gives the same draws on every machine.
 * The generator is sfc32; not for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 2 ** 32) >>> 0;
    this.#c = 0x9e_37_79_b9;
    for (let round = 0; round < 16; round += 1) this.uniform();
  }

  /** A generator of its own whose draws do not depend on how many this one has made since. */
  fork(): Random {
    return new Random(Math.floor(this.uniform() * 2 ** 52));
  }

  /** In [0, 1). */
  uniform(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Mean 1 and variance 1 / shape, by Marsaglia and Tsang; shape at least 1. */
  gammaOfMeanOne(shape: number): number {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const normal = this.normal();
      const cube = (1 + c * normal) ** 3;
      if (cube <= 0) continue;
      const bound = 0.5 * normal * normal + d * (1 - cube + Math.log(cube));
      if (Math.log(1 - this.uniform()) < bound) return (d * cube) / shape;
    }
  }

  /** Exact below a mean of 30; above it a rounded normal, whose error is far below its spread. */
  poisson(mean: number): number {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count += 1;
    return count;
  }

  /** Exact up to 30 trials; above them a rounded normal inside its bounds. */
  binomial(trials: number, chance: number): number {
    if (trials > 30) {
      const mean = trials * chance;
      const spread = Math.sqrt(mean * (1 - chance));
      return Math.min(trials, Math.max(0, Math.round(mean + spread * this.normal())));
    }
    let count = 0;
    for (let trial = 0; trial < trials; trial += 1) if (this.uniform() < chance) count += 1;
    return count;
  }
}

/** Noise that remembers: an Ornstein-Uhlenbeck process of mean 0, advanced one step a call. */
export class DriftingNoise {
  readonly #random: Random;
  readonly #keep: number;
  readonly #kick: number;
  #value: number;

  constructor(random: Random, spread: number, memorySteps: number) {
    this.#random = random;
    this.#keep = Math.exp(-1 / memorySteps);
    this.#kick = spread * Math.sqrt(1 - this.#keep * this.#keep);
    this.#value = spread * random.normal();
  }

  next(): number {
    this.#value = this.#value * this.#keep + this.#kick * this.#random.normal();
    return this.#value;
  }
}
