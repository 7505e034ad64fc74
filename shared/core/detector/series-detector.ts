/**
 * The detector of a plain series of counts or values: the same calibrated extremes as for segments, on
 * what a plain series has: single surprises, runs of them, and values outside of all that was seen. Causal:
 * a row's score uses nothing after it.
 */
import { DAY_MS } from "../time.ts";
import { learnTail, resetTail, TAIL_SIZE, tailNats, tailValueAt } from "./peak-tail.ts";
import { SeriesForecast } from "./series-forecast.ts";
import { fade } from "./volume-curve.ts";

/** What the numbers are; `unit` is the usual size of a value, above which only its order matters. */
export type SeriesScale =
  | { readonly kind: "count" }
  | { readonly kind: "value"; readonly unit: number };

/** Fading figures that the signs are made of, by their place. */
const RUN = 0;
const RUN_SQUARE = 1;
const SIZE = 2;
const USUAL_SIZE = 3;
const MEAN = 4;
const SQUARE = 5;
const REPEATED = 6;
/** Where more of the rows than this repeat the one before, standing still means nothing. */
const USUAL_REPEATS = 0.05;

export type SeriesScore = {
  /** 0 to 1: surprise against that of the threshold; flagged from 0.5 on. */
  readonly score: number;
  /** The band that a harmless value lies in; undefined before anything was seen. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly isFlagged: boolean;
};

export type SeriesOptions = {
  readonly scale: SeriesScale;
  /** Rows at the start that are learned in silence. */
  readonly silentRows: number;
  readonly falseAlarmsPerSegmentWeek: number;
};

/** Surprises over this many rows together, and the share of the range that counts as standing still. */
const RUN_ROWS = 12;
const FLAT_SHARE = 1e-3;
const FELT_MAX = 30;
const STARTS = [3, 2.5, 2.5, 2.5, 1.5];
const VERDICT = STARTS.length * TAIL_SIZE;
const SECOND_SHARE = 0.5;
const SIGN_MEMORY_ROWS = 1000;
const VERDICT_START = 5;
const SHAPE = 0.1;
/** A week of a slow series is read as so many rows, so that a rare alarm stays rare by the row. */
const WEEK_ROWS_MIN = 168;
const GAP_INTERVALS = 4;
const TRUST_ROWS_MIN = 100;

export class SeriesDetector {
  readonly #options: SeriesOptions;
  readonly #forecast = new SeriesForecast();
  readonly #tails = new Float32Array(VERDICT + TAIL_SIZE);
  readonly #felt = new Float64Array(7);
  #repeats = 0;
  #lastX = Number.NaN;
  #rows = 0;
  #lastMs = 0;
  #intervalMs = 0;

  constructor(options: SeriesOptions) {
    this.#options = options;
    for (const [speed, start] of STARTS.entries()) {
      resetTail(this.#tails, speed * TAIL_SIZE, start);
    }
    resetTail(this.#tails, VERDICT, VERDICT_START);
  }

  /** Scores the next row and learns it. Rows are in time order; equal times are allowed. */
  step(timeMs: number, value: number): SeriesScore {
    this.#noteTime(timeMs);
    const { scale } = this.#options;
    const x = evened(value, scale);
    const forecast = this.#forecast;
    forecast.predict(timeMs);
    const spread = this.#spread();
    const isFirst = this.#rows === 0;
    const z = isFirst ? 0 : clip((x - forecast.mean) / spread, FELT_MAX);
    const nats = this.#surprise(z, x);
    const threshold = this.#threshold();
    const reach = spread * this.#bandOf(threshold);
    const mean = forecast.mean;
    forecast.learn(timeMs, x, this.#rowsPerDay());
    this.#rows += 1;
    const told = this.#rows <= this.#options.silentRows ? 0 : nats * this.#trust();
    return {
      score: told / (told + threshold),
      low: isFirst ? undefined : unevened(mean - reach, scale),
      high: isFirst ? undefined : unevened(mean + reach, scale),
      isFlagged: told >= threshold,
    };
  }

  #noteTime(timeMs: number): void {
    const gapMs = timeMs - this.#lastMs;
    if (this.#rows > 0 && gapMs > 0) {
      if (this.#intervalMs > 0 && gapMs > GAP_INTERVALS * this.#intervalMs) {
        this.#forecast.forgetRecent();
      } else {
        const gain = Math.max(0.02, 1 / this.#rows);
        this.#intervalMs += gain * (gapMs - this.#intervalMs);
      }
    }
    this.#lastMs = timeMs;
  }

  #rowsPerDay(): number {
    return this.#intervalMs > 0 ? Math.max(1, DAY_MS / this.#intervalMs) : 1;
  }

  /** From 0 to 1 as days are seen: what was learned from little is trusted little. */
  #trust(): number {
    return 1 - Math.exp(-this.#rows / Math.max(TRUST_ROWS_MIN, this.#rowsPerDay()));
  }

  #threshold(): number {
    const rowsPerWeek = Math.max(WEEK_ROWS_MIN, 7 * this.#rowsPerDay());
    return Math.max(1, Math.log(rowsPerWeek / this.#options.falseAlarmsPerSegmentWeek));
  }

  /** The forecast's spread; at least a count's own noise, or a sliver of the unit. */
  #spread(): number {
    const { scale } = this.#options;
    const least = scale.kind === "count" ? 1 : FLAT_SHARE * scale.unit;
    return Math.max(this.#forecast.spread, least);
  }

  /** Half the width of the band in spreads: where one row alone reaches the threshold. */
  #bandOf(nats: number): number {
    return Math.max(3, tailValueAt(this.#tails, 0, nats));
  }

  /** The two strongest signs together, calibrated. */
  #surprise(z: number, x: number): number {
    let first = 0;
    let second = 0;
    for (const [sign, value] of this.#signs(z, x).entries()) {
      const nats = stepTail(this.#tails, sign * TAIL_SIZE, value);
      second = Math.max(second, Math.min(first, nats));
      first = Math.max(first, nats);
    }
    return stepTail(this.#tails, VERDICT, first + SECOND_SHARE * second);
  }

  /**
   * One row's surprise; a run of them to one side; restless surprises; a value far from all that was seen;
   * a value that stands still.
   */
  #signs(z: number, x: number): readonly number[] {
    const felt = this.#felt;
    const gain = Math.max(1 / SIGN_MEMORY_ROWS, 1 / (this.#rows + 2));
    fade(felt, RUN, 1 / RUN_ROWS, z);
    const run = felt[RUN] ?? 0;
    const usualRun = Math.max(felt[RUN_SQUARE] ?? 0, 0.25 / RUN_ROWS);
    fade(felt, RUN_SQUARE, gain, Math.min(run * run, 9 * usualRun));
    fade(felt, SIZE, 1 / RUN_ROWS, Math.min(Math.abs(z), 6));
    const size = felt[SIZE] ?? 0;
    const usualSize = Math.max(felt[USUAL_SIZE] ?? 0, 0.3);
    fade(felt, USUAL_SIZE, gain, Math.min(size, 2));
    if (this.#rows === 0) felt[MEAN] = x;
    const off = x - (felt[MEAN] ?? 0);
    const away = Math.abs(off) / Math.sqrt(Math.max(felt[SQUARE] ?? 0, 1e-12));
    fade(felt, MEAN, gain, x);
    fade(felt, SQUARE, gain, off * off);
    this.#repeats = x === this.#lastX ? this.#repeats + 1 : 0;
    this.#lastX = x;
    fade(felt, REPEATED, gain, this.#repeats > 0 ? 1 : 0);
    const isUsual = (felt[REPEATED] ?? 0) > USUAL_REPEATS;
    return [
      Math.abs(z),
      Math.abs(run) / Math.sqrt(usualRun),
      size / usualSize,
      this.#rows < 10 ? 0 : Math.min(away, FELT_MAX),
      isUsual ? 0 : Math.sqrt(this.#repeats),
    ];
  }
}

function stepTail(state: Float32Array, at: number, value: number): number {
  const nats = tailNats(state, at, value, SHAPE);
  learnTail(state, at, value);
  return nats;
}

/** On the scale where noise is about even: counts by their root, values by their order above the unit. */
function evened(value: number, scale: SeriesScale): number {
  if (scale.kind === "count") return 2 * Math.sqrt(Math.max(0, value) + 0.375);
  return scale.unit * Math.asinh(value / scale.unit);
}

function unevened(x: number, scale: SeriesScale): number {
  if (scale.kind === "count") return Math.max(0, (Math.max(0, x) / 2) ** 2 - 0.375);
  return scale.unit * Math.sinh(x / scale.unit);
}

function clip(value: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, value));
}
