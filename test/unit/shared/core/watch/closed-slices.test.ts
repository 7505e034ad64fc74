import { alignDown } from "../../../../../shared/core/time.ts";
import {
  inputsOf,
  type RegionProgress,
  SliceClosing,
} from "../../../../../shared/core/watch/closed-slices.ts";

const SLICE_MS = 60_000;
const DARK_AFTER_MS = 30_000;
const config = { sliceMs: SLICE_MS, darkAfterMs: DARK_AFTER_MS };
const STEP_MS = 500;

function at(region: string, watermarkMs: number, countedAtMs = 0): RegionProgress {
  return { region, watermarkMs, countedAtMs, readAtMs: 7 };
}

test("D16: a slice is closed once every region that ever counted has passed its end", () => {
  const closing = new SliceClosing(config);
  expect(closing.closedUntilMs([], 0)).toBeUndefined();
  expect(closing.closedUntilMs([at("us", 130_000), at("eu", 59_999)], 0)).toBe(0);
  expect(closing.closedUntilMs([at("us", 130_000), at("eu", 119_000)], 1)).toBe(SLICE_MS);
});

test("D16: a slice is read from the regions that have passed it, as they stood then", () => {
  expect(inputsOf([at("us", 60_000), at("eu", 59_999)], 60_000)).toEqual({ us: 7 });
});

test("D16: with no region that counts, slices are closed up to the furthest", () => {
  const closing = new SliceClosing(config);
  const progress = [at("us", 130_000), at("eu", 10)];
  expect(closing.closedUntilMs(progress, 1000)).toBe(0);
  expect(closing.closedUntilMs(progress, 1000 + DARK_AFTER_MS)).toBe(120_000);
});

/** How a region stands, beside one that flows. */
type State = "neverCounted" | "abreast" | "behind" | "leftOut" | "unanswering";
/** What it does from then on. `backlog`: it counts, and its watermark stands. */
type Happening = "keepsPace" | "backlog" | "countsNothing" | "doesNotAnswer";
/** Slices are closed as far as the one that flows has come, as far as the other has, or not at all. */
type Closed = "goesOn" | "waits" | "nothing";

const START_MS = 600_000;
const BEHIND_MS = 120_000;
/** The store's clock is not the detector's. */
const STORE_CLOCK_MS = -86_400_000;

/** Two regions, poll by poll: `us` flows, and `eu` does what it is told to. */
class Regions {
  readonly #closing = new SliceClosing(config);
  #nowMs = 0;
  /** Where `eu` was last seen to stand; undefined while it has counted nothing ever. */
  #eu: RegionProgress | undefined;

  /** What a poll says, and what one says when that has gone on for longer than a region is waited for. */
  go(happening: Happening): [Closed, Closed] {
    const first = this.#poll(happening);
    for (let waitedMs = STEP_MS; waitedMs < DARK_AFTER_MS; waitedMs += STEP_MS) {
      this.#poll(happening);
    }
    return [first, this.#poll(happening)];
  }

  #poll(happening: Happening): Closed {
    this.#nowMs += STEP_MS;
    const usMs = START_MS + this.#nowMs * (SLICE_MS / STEP_MS);
    const eu = this.#seen(happening, usMs);
    const us = at("us", usMs, STORE_CLOCK_MS + this.#nowMs);
    const closedMs = this.#closing.closedUntilMs(eu === undefined ? [us] : [us, eu], this.#nowMs);
    if (closedMs === undefined) return "nothing";
    if (closedMs === alignDown(usMs, SLICE_MS)) return "goesOn";
    expect(closedMs).toBe(alignDown(eu?.watermarkMs ?? Number.NaN, SLICE_MS));
    return "waits";
  }

  #seen(happening: Happening, usMs: number): RegionProgress | undefined {
    const countedAtMs = STORE_CLOCK_MS + this.#nowMs;
    if (happening === "doesNotAnswer") {
      return at("eu", Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY);
    }
    if (happening === "keepsPace") this.#eu = at("eu", usMs, countedAtMs);
    if (happening === "backlog")
      this.#eu = at("eu", this.#eu?.watermarkMs ?? BEHIND_MS, countedAtMs);
    return this.#eu;
  }
}

const before: Record<State, readonly Happening[]> = {
  neverCounted: [],
  abreast: ["keepsPace"],
  behind: ["backlog"],
  leftOut: ["backlog", "countsNothing"],
  unanswering: ["backlog", "doesNotAnswer"],
};

/** At once, and for good. */
const closed: Record<State, Record<Happening, readonly [Closed, Closed]>> = {
  neverCounted: {
    keepsPace: ["goesOn", "goesOn"],
    backlog: ["waits", "waits"],
    countsNothing: ["goesOn", "goesOn"],
    doesNotAnswer: ["nothing", "goesOn"],
  },
  abreast: {
    keepsPace: ["goesOn", "goesOn"],
    backlog: ["waits", "waits"],
    countsNothing: ["waits", "goesOn"],
    doesNotAnswer: ["nothing", "goesOn"],
  },
  behind: {
    keepsPace: ["goesOn", "goesOn"],
    backlog: ["waits", "waits"],
    countsNothing: ["waits", "goesOn"],
    doesNotAnswer: ["nothing", "goesOn"],
  },
  leftOut: {
    keepsPace: ["goesOn", "goesOn"],
    backlog: ["waits", "waits"],
    countsNothing: ["goesOn", "goesOn"],
    doesNotAnswer: ["goesOn", "goesOn"],
  },
  unanswering: {
    keepsPace: ["goesOn", "goesOn"],
    backlog: ["waits", "waits"],
    countsNothing: ["goesOn", "goesOn"],
    doesNotAnswer: ["goesOn", "goesOn"],
  },
};

test.each(Object.entries(closed))(
  "D16: beside a region that flows, one that is %s is waited for while it counts, whatever its backlog",
  (state, happenings) => {
    for (const [happening, expected] of Object.entries(happenings)) {
      const regions = new Regions();
      // The keys of a full record are its type's.
      for (const each of before[state as State]) regions.go(each);
      expect([happening, ...regions.go(happening as Happening)]).toEqual([happening, ...expected]);
    }
  },
);

test("D16: with darkAfterMs 0 no region is waited for", () => {
  const closing = new SliceClosing({ sliceMs: SLICE_MS, darkAfterMs: 0 });
  expect(closing.closedUntilMs([at("us", 130_000, 1), at("eu", 10, 1)], 0)).toBe(120_000);
});
