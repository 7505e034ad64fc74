/**
 * How surprising a segment's own slice is, whatever the fleet does: the evidence of bots at every speed and
 * leaning at the slower ones, each against the extremes of its own past, the two strongest together.
 *
 * It lives in `OWN_SURPRISE_SIZE` consecutive numbers of a baseline's state, from `at` on.
 */
import { evidenceAt, rise, SLOWEST } from "./evidence.ts";
import { LEANING_SPEEDS, sumOfAlike } from "./leaning.ts";
import { resetTail, stepTail, TAIL_SIZE } from "./peak-tail.ts";
import { SPEEDS } from "./speeds.ts";

const LEANING_TAILS = SPEEDS * TAIL_SIZE;
export const OWN_SURPRISE_SIZE = LEANING_TAILS + LEANING_SPEEDS.length * TAIL_SIZE;

/** Where the tails start before they have learned extremes of their own. */
const EVIDENCE_START = 6;
const LEANING_START = 4;
const LEANING_SHAPE = 0.12;
/** What the second strongest surprise adds. */
const SECOND_SHARE = 0.5;

export type OwnSurprise = {
  readonly nats: number;
  /** The speed at which the strongest of it was felt. */
  readonly speed: number;
};

export function resetOwnSurprise(state: Float32Array, at: number): void {
  for (let speed = 0; speed < SPEEDS; speed += 1) {
    resetTail(state, at + speed * TAIL_SIZE, EVIDENCE_START);
  }
  for (const index of LEANING_SPEEDS.keys()) {
    resetTail(state, at + LEANING_TAILS + index * TAIL_SIZE, LEANING_START);
  }
}

/** Compares one slice with the extremes of the past and learns its own; `leanings` by speed. */
export function stepOwnSurprise(
  state: Float32Array,
  at: number,
  slice: { readonly scores: Float64Array; readonly leanings: Float64Array },
  priceNats: number,
): OwnSurprise {
  const own = { nats: 0, speed: 0 };
  let second = 0;
  const hear = (nats: number, speed: number): void => {
    second = Math.max(second, Math.min(nats, own.nats));
    if (nats <= own.nats) return;
    own.nats = nats;
    own.speed = speed;
  };
  for (let speed = 0; speed < SPEEDS; speed += 1) {
    const evidence = evidenceAt(slice.scores, speed, priceNats);
    hear(stepTail(state, at + speed * TAIL_SIZE, evidence, 0), speed);
  }
  for (const [index, speed] of LEANING_SPEEDS.entries()) {
    const evidence = leaningNats(slice.leanings, speed);
    const tail = at + LEANING_TAILS + index * TAIL_SIZE;
    hear(stepTail(state, tail, evidence, LEANING_SHAPE), speed);
  }
  own.nats += SECOND_SHARE * second;
  return own;
}

/** The evidence of leaning alone, in about nats; at the slowest speed together with the one before. */
function leaningNats(leanings: Float64Array, speed: number): number {
  const leaning = leanings[speed] ?? 0;
  return rise(speed < SLOWEST ? leaning : sumOfAlike(leaning, leanings[speed - 1] ?? 0));
}
