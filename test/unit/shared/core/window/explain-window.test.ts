import { explainWindow } from "../../../../../shared/core/window/explain-window.ts";
import {
  type PostedWatermark,
  type RegionState,
  regionStateOf,
} from "../../../../../shared/core/window/region-state.ts";

const NOW_MS = 1_767_225_600_000;
const END_MS = NOW_MS - 60_000;
const window = { endMs: END_MS, allowedLatenessMs: 120_000 };
const FINAL_AT_MS = END_MS + 120_000;

function posted(overrides: Partial<PostedWatermark> = {}): PostedWatermark {
  return {
    watermarkMs: NOW_MS - 20_000,
    heldBy: "us/7",
    activeKeys: 2,
    postedAtMs: NOW_MS - 500,
    ...overrides,
  };
}

function key(watermarkAgoMs: number, seenAgoMs: number) {
  return { watermarkMs: NOW_MS - watermarkAgoMs, lastSeenMs: NOW_MS - seenAgoMs };
}

const states: Readonly<Record<RegionState, readonly [PostedWatermark | undefined, number]>> = {
  unknown: [undefined, Number.NEGATIVE_INFINITY],
  live: [posted(), NOW_MS - 1000],
  silent: [posted(), NOW_MS - 16_000],
  dark: [posted(), NOW_MS - 76_000],
  idle: [posted({ heldBy: "", activeKeys: 0 }), NOW_MS - 76_000],
};

test.each(Object.entries(states))(
  "a region is %s by what was posted of it",
  (state, [row, seen]) => {
    expect(regionStateOf(row, seen, NOW_MS)).toBe(state);
  },
);

test("a region whose worker posts nothing is dark, however new its events are", () => {
  const silentWorker = posted({ postedAtMs: NOW_MS - 15_001 });
  expect(regionStateOf(silentWorker, NOW_MS - 1000, NOW_MS)).toBe("dark");
});

test("an open window names the key that holds it, since when, and how many keys stand below", () => {
  const keys = new Map([
    ["us/7", key(20_000, 9000)],
    ["us/8", key(10_000, 1000)],
    ["us/9", { watermarkMs: FINAL_AT_MS, lastSeenMs: NOW_MS }],
  ]);
  expect(explainWindow(window, { posted: posted(), keys }, NOW_MS)).toEqual({
    kind: "held",
    key: "us/7",
    keyWatermarkMs: NOW_MS - 20_000,
    sinceMs: NOW_MS - 9000,
    keysBelow: 2,
    keys: 3,
    finalAtMs: FINAL_AT_MS,
    isOnTime: true,
    watermarkMs: NOW_MS - 20_000,
  });
});

test("a window is final from the very watermark that closes its allowed lateness", () => {
  const keys = new Map([["us/7", key(0, 0)]]);
  const kindAt = (watermarkMs: number) =>
    explainWindow(window, { posted: posted({ watermarkMs }), keys }, NOW_MS).kind;
  expect(kindAt(FINAL_AT_MS)).toBe("final");
  expect(kindAt(FINAL_AT_MS - 1)).toBe("held");
});

test("a final window is final also in a dark region: its watermark never moves back", () => {
  const row = posted({ watermarkMs: FINAL_AT_MS, postedAtMs: NOW_MS - 3_600_000 });
  expect(explainWindow(window, { posted: row, keys: new Map() }, NOW_MS).kind).toBe("final");
});

test("the open windows of a dark, an idle and an unknown region say so, and not a key", () => {
  const old = new Map([["us/7", key(90_000, 90_000)]]);
  const kindOf = (row: PostedWatermark | undefined) =>
    explainWindow(window, { posted: row, keys: old }, NOW_MS).kind;
  expect(kindOf(posted())).toBe("dark");
  expect(kindOf(posted({ heldBy: "", activeKeys: 0 }))).toBe("idle");
  expect(kindOf(undefined)).toBe("starting");
  const nothing = { posted: undefined, keys: new Map() };
  expect(explainWindow(window, nothing, NOW_MS).kind).toBe("unknownRegion");
});
