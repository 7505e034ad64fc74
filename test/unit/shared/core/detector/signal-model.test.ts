import type { SignalScores } from "../../../../../shared/core/detector/leaning.ts";
import { SIGNAL_MODEL_SIZE, stepSignal } from "../../../../../shared/core/detector/signal-model.ts";
import {
  type Reading,
  SIGNALS,
  type SignalName,
} from "../../../../../shared/core/detector/signals.ts";
import { SPEEDS } from "../../../../../shared/core/detector/speeds.ts";
import { createCurvePoint } from "../../../../../shared/core/detector/volume-curve.ts";
import { prng } from "../../../../support/prng.ts";

const BIDS = 400;
const SLICES = 1500;
const SLICES_PER_DAY = 1440;

/** The scores of one more slice, in which `count` of `BIDS` bids count, of a model that learned a share. */
function scoredAfter(learned: Float32Array, name: SignalName, count: number): SignalScores {
  return step(learned.slice(), name, { count, slice: SLICES });
}

function step(
  state: Float32Array,
  name: SignalName,
  { count, slice }: { count: number; slice: number },
): SignalScores {
  const scored = { scores: new Float64Array(SPEEDS), sensitivity: new Float64Array(SPEEDS) };
  const signal = SIGNALS.find((each) => each.name === name);
  const row = {
    segment: "a",
    sliceStartMs: 0,
    bidCount: BIDS,
    userCount: count,
    winCount: count,
    clickCount: count,
    seatCount: count,
  };
  const reading: Reading = { value: 0, weight: 1, followsVolume: false, dilution: () => 0 };
  signal?.read(row, reading);
  reading.dilution = signal?.dilution ?? reading.dilution;
  const position = {
    point: createCurvePoint(),
    dayShare: (slice % SLICES_PER_DAY) / SLICES_PER_DAY,
    slicesPerDay: SLICES_PER_DAY,
    memorySlices: 3 * SLICES_PER_DAY,
  };
  stepSignal(state, 0, reading, { position, slice: scored, into: 0 });
  return scored;
}

/** A model that has seen a share of `mean` with binomial noise. */
function learnedModel(name: SignalName, mean: number): Float32Array {
  const random = prng(5);
  const state = new Float32Array(SIGNAL_MODEL_SIZE);
  for (let slice = 0; slice < SLICES; slice += 1) {
    let count = 0;
    for (let bid = 0; bid < BIDS; bid += 1) count += random() < mean ? 1 : 0;
    step(state, name, { count, slice });
  }
  return state;
}

test.each([
  ["users", 0.4],
  ["wins", 0.2],
  ["clicks", 0.05],
] as const)("D21: %s fall by their sensitivity times the share of bots' bids", (name, mean) => {
  const learned = learnedModel(name, mean);
  const botShare = 0.1;
  const before = scoredAfter(learned, name, mean * BIDS);
  const after = scoredAfter(learned, name, mean * BIDS * (1 - botShare));
  const fallen = (before.scores[0] ?? 0) - (after.scores[0] ?? 0);
  const told = (before.sensitivity[0] ?? 0) * botShare;
  expect(told).toBeGreaterThan(0.2);
  expect(fallen / told).toBeGreaterThan(0.8);
  expect(fallen / told).toBeLessThan(1.25);
});

test("D21: what bots do not dilute has no sensitivity", () => {
  const { sensitivity } = scoredAfter(learnedModel("seats", 0.05), "seats", 20);
  expect([...sensitivity]).toEqual(Array.from({ length: SPEEDS }, () => 0));
});
