import {
  CLICKS,
  NEW_USERS,
  SCORES_SIZE,
  TOP_PRICE,
  USERS,
  VOLUME_SCORES,
  WINS,
} from "../../../../../shared/core/detector/evidence.ts";
import {
  joiningAt,
  leaningAt,
  type SignalScores,
} from "../../../../../shared/core/detector/leaning.ts";

const SPEED = 2;

/** A slice whose signals stand at `scores`, and fall by `sensitivity` where all bids are bots'. */
function sliceOf(
  scores: Readonly<Record<number, number>>,
  sensitivity: Readonly<Record<number, number>> = {},
): SignalScores {
  const slice = {
    scores: new Float64Array(SCORES_SIZE),
    sensitivity: new Float64Array(SCORES_SIZE),
  };
  for (const [signal, score] of Object.entries(scores))
    slice.scores[Number(signal) + SPEED] = score;
  for (const [signal, fall] of Object.entries(sensitivity)) {
    slice.sensitivity[Number(signal) + SPEED] = fall;
  }
  return slice;
}

function leaning(...slice: Parameters<typeof sliceOf>): number {
  return leaningAt(sliceOf(...slice), SPEED);
}

test("D21: a signal that bots would not move in a segment says nothing there", () => {
  expect(leaning({ [USERS]: -4 })).toBeCloseTo(0, 10);
  expect(leaning({ [USERS]: -4, [CLICKS]: -2 }, { [CLICKS]: 3 })).toBeCloseTo(
    leaning({ [CLICKS]: -2 }, { [CLICKS]: 3 }),
    10,
  );
});

test("D21: signals are weighed by their sensitivity, whatever its scale", () => {
  const fallen = { [USERS]: -1, [CLICKS]: -2 };
  const mostlyClicks = leaning(fallen, { [USERS]: 1, [CLICKS]: 9 });
  const mostlyUsers = leaning(fallen, { [USERS]: 9, [CLICKS]: 1 });
  expect(mostlyClicks).toBeGreaterThan(1.3 * mostlyUsers);
  expect(leaning(fallen, { [USERS]: 10, [CLICKS]: 90 })).toBeCloseTo(mostlyClicks, 10);
});

test("D21: a crowd of many users leans the other way", () => {
  expect(leaning({ [USERS]: 4, [NEW_USERS]: 2 }, { [USERS]: 5 })).toBeLessThan(0);
});

test("D21: a campaign, however large, leans less than three standard deviations", () => {
  const campaign = sliceOf(
    { [WINS]: -50, [TOP_PRICE]: 50, [VOLUME_SCORES]: 50 },
    { [USERS]: 1, [WINS]: 9 },
  );
  expect(leaningAt(campaign, SPEED)).toBeLessThan(3);
  expect(joiningAt(campaign, SPEED)).toBeLessThan(3);
});

test("D21: more volume and new users tell more of who joins an attack than of who is attacked alone", () => {
  const slice = sliceOf({ [NEW_USERS]: 3, [VOLUME_SCORES]: 2 });
  expect(joiningAt(slice, SPEED)).toBeGreaterThan(1.5 * leaningAt(slice, SPEED));
});
