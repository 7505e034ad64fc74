/**
 * The next value of a plain series: experts that know the level, the time of day and the day of the week,
 * weighed by how they did lately. Each follows its own recent error, so that a level that shifts is a
 * surprise once.
 */
import { DAY_MS, WEEK_MS } from "../time.ts";
import { SeasonProfile } from "./season-profile.ts";

const EXPERTS = 3;
const DAY_BINS = 48;
const WEEK_BINS = 84;
const DAY_MEMORY = 7;
const WEEK_MEMORY = 5;
const RECENT_GAIN = 1 / 4;
const ERROR_MEMORY_ROWS = 200;
const SPREAD_MEMORY_ROWS = 300;
const CLIP_LEARNED = 4;

export class SeriesForecast {
  /** What the next value is expected to be, and its spread; set by `predict`. */
  mean = 0;
  spread = 0;
  #rows = 0;
  #level = 0;
  readonly #day = new SeasonProfile(DAY_BINS, DAY_MEMORY);
  readonly #week = new SeasonProfile(WEEK_BINS, WEEK_MEMORY);
  readonly #recent = new Float64Array(EXPERTS);
  readonly #squares = new Float64Array(EXPERTS).fill(1);
  readonly #predictions = new Float64Array(EXPERTS);
  #square = 0;

  /** Sets `mean` and `spread` for a value at `timeMs`, before it is known. */
  predict(timeMs: number): void {
    const day = this.#day.at((timeMs % DAY_MS) / DAY_MS);
    const week = this.#week.at((timeMs % WEEK_MS) / WEEK_MS);
    const bases = [0, day, day + week];
    let sum = 0;
    let weights = 0;
    for (let expert = 0; expert < EXPERTS; expert += 1) {
      const prediction = this.#level + (bases[expert] ?? 0) + (this.#recent[expert] ?? 0);
      this.#predictions[expert] = prediction;
      const weight = (this.#squares[expert] ?? 1) ** -2;
      sum += weight * prediction;
      weights += weight;
    }
    this.mean = weights > 0 && Number.isFinite(weights) ? sum / weights : this.#bestPrediction();
    this.spread = Math.sqrt(this.#square);
  }

  #bestPrediction(): number {
    const best = this.#squares.indexOf(Math.min(...this.#squares));
    return this.#predictions[best] ?? 0;
  }

  /** Learns the value at `timeMs`, for which `predict` was called. */
  learn(timeMs: number, value: number, rowsPerDay: number): void {
    if (this.#rows === 0) {
      this.#level = value;
      this.mean = value;
      this.#predictions.fill(value);
    }
    this.#rows += 1;
    const gain = Math.max(1 / SPREAD_MEMORY_ROWS, 1 / this.#rows);
    const bound = this.#rows < 10 ? Number.POSITIVE_INFINITY : CLIP_LEARNED * this.spread;
    const error = clip(value - this.mean, bound);
    this.#square += gain * (error * error - this.#square);
    const errorGain = Math.max(1 / ERROR_MEMORY_ROWS, 1 / (this.#rows + 1));
    for (let expert = 0; expert < EXPERTS; expert += 1) {
      const off = value - (this.#predictions[expert] ?? 0);
      const square = this.#squares[expert] ?? 1;
      const bounded = Math.min(off * off, this.#rows < 10 ? off * off : 25 * square);
      this.#squares[expert] = Math.max(1e-12, square + errorGain * (bounded - square));
      this.#recent[expert] = (this.#recent[expert] ?? 0) + RECENT_GAIN * off;
    }
    this.#learnSeason(timeMs, value, rowsPerDay);
  }

  #learnSeason(timeMs: number, value: number, rowsPerDay: number): void {
    const dayShare = (timeMs % DAY_MS) / DAY_MS;
    const weekShare = (timeMs % WEEK_MS) / WEEK_MS;
    const levelGain = Math.max(1 / Math.max(20, rowsPerDay), 1 / this.#rows);
    const day = this.#day.at(dayShare);
    const off = clip(value - this.#level - day, this.#rows < 10 ? Infinity : 8 * this.#wide());
    const before = this.#level;
    this.#level += levelGain * off;
    for (let expert = 0; expert < EXPERTS; expert += 1) {
      this.#recent[expert] = (this.#recent[expert] ?? 0) - (this.#level - before);
    }
    this.#day.learn(dayShare, day + off, rowsPerDay);
    this.#week.learn(weekShare, off, rowsPerDay * 7);
  }

  /** A spread that the season may be learned within: that of the worst expert. */
  #wide(): number {
    return Math.sqrt(Math.max(...this.#squares));
  }

  /** After a gap the recent past is no guide. */
  forgetRecent(): void {
    this.#recent.fill(0);
  }
}

function clip(value: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, value));
}
