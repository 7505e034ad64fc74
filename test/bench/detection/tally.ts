import type { AttackKind, Scenario } from "../../../shared/core/traffic/scenario.ts";

/** Attacks of one kind and strength, by whether and when they were flagged. */
export type Cell = {
  attacks: number;
  /** Slices from an attack's start to its flag, 0 for its first slice; flagged attacks only. */
  readonly delays: number[];
  /** By incident: the soonest delay in any of its segments, -1 while none is flagged. */
  readonly incidents: Record<number, number>;
};

/** What one threshold came to on one seed, or on several that were added up. */
export type Tally = {
  threshold: number;
  falseAlarms: number;
  /** Segment-weeks in which every alarm is false. */
  peaceWeeks: number;
  /** By `kind strength`. */
  readonly cells: Record<string, Cell>;
};

/** An alarm ends after so many slices below the threshold, and an attack's echo as late. */
const QUIET_SLICES = 15;
const SLICES_PER_WEEK = 10_080;

/** Counts alarms of `scores` (one series a segment) at `threshold`; the first `skip` slices do not count. */
export function tallyScores(
  scenario: Scenario,
  scores: readonly Float32Array[],
  { threshold, skip }: { threshold: number; skip: number },
): Tally {
  const tally: Tally = { threshold, falseAlarms: 0, peaceWeeks: 0, cells: {} };
  const attacked = scores.map((series) => new Uint8Array(series.length));
  const sliceOf = (timeMs: number): number => (timeMs - scenario.startMs) / scenario.sliceMs;
  for (const { kind, strength, incident, segment, startMs, endMs } of scenario.attacks) {
    const series = scores[segment];
    const from = sliceOf(startMs);
    const to = sliceOf(endMs);
    attacked[segment]?.fill(1, from, to + QUIET_SLICES);
    const delay = series?.subarray(from, to).findIndex((score) => score >= threshold) ?? -1;
    addAttack(cellOf(tally, kind, strength), scenario.seed * 1000 + incident, delay);
  }
  for (const [segment, series] of scores.entries()) {
    countFalseAlarms(tally, series, attacked[segment] ?? new Uint8Array(), skip);
  }
  return tally;
}

function countFalseAlarms(
  tally: Tally,
  series: Float32Array,
  attacked: Uint8Array,
  skip: number,
): void {
  let peace = 0;
  let lastAbove = Number.NEGATIVE_INFINITY;
  for (let slice = skip; slice < series.length; slice += 1) {
    const isPeace = attacked[slice] === 0;
    if (isPeace) peace += 1;
    if ((series[slice] ?? 0) < tally.threshold) continue;
    if (isPeace && slice - lastAbove > QUIET_SLICES) tally.falseAlarms += 1;
    lastAbove = slice;
  }
  tally.peaceWeeks += peace / SLICES_PER_WEEK;
}

function cellOf(tally: Tally, kind: AttackKind, strength: number): Cell {
  const name = `${kind} ${strength}`;
  const cell = tally.cells[name] ?? { attacks: 0, delays: [], incidents: {} };
  tally.cells[name] = cell;
  return cell;
}

function addAttack(cell: Cell, incident: number, delay: number): void {
  cell.attacks += 1;
  if (delay >= 0) cell.delays.push(delay);
  const known = cell.incidents[incident] ?? -1;
  cell.incidents[incident] = known < 0 || (delay >= 0 && delay < known) ? delay : known;
}

/** Adds `other` to `sum`. */
export function addTally(sum: Tally, other: Tally): void {
  sum.falseAlarms += other.falseAlarms;
  sum.peaceWeeks += other.peaceWeeks;
  for (const [name, cell] of Object.entries(other.cells)) {
    const into = sum.cells[name] ?? { attacks: 0, delays: [], incidents: {} };
    sum.cells[name] = into;
    into.attacks += cell.attacks;
    into.delays.push(...cell.delays);
    Object.assign(into.incidents, cell.incidents);
  }
}

/** Flagged attacks of some cells over all of them; a flag later than `limit` slices counts as none. */
export function recallOf(
  cells: readonly Cell[],
  limit: number,
): { segments: number; incidents: number } {
  const attacks = cells.reduce((sum, cell) => sum + cell.attacks, 0);
  const hits = cells.flatMap(({ delays }) => delays).filter((delay) => delay < limit).length;
  const incidents = cells.flatMap((cell) => Object.values(cell.incidents));
  const found = incidents.filter((delay) => delay >= 0 && delay < limit).length;
  return { segments: hits / attacks, incidents: found / incidents.length };
}

/** Median slices to detect, 1 for an attack's first slice; undefined where none was flagged. */
export function medianDelay(cells: readonly Cell[]): number | undefined {
  const delays = cells.flatMap((cell) => cell.delays).sort((left, right) => left - right);
  const median = delays[delays.length >> 1];
  return median === undefined ? undefined : median + 1;
}
