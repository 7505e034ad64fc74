import fc from "fast-check";
import { typeCodeOf } from "../../../../../shared/core/auction/event.ts";
import type { LogRevision } from "../../../../../shared/core/window/auction-states.ts";
import type { EventRows } from "../../../../../shared/core/window/event-rows.ts";
import { nanosOf } from "../../../../../shared/core/window/price-sum.ts";
import {
  type EventOutcome,
  WindowEngine,
} from "../../../../../shared/core/window/window-engine.ts";
import type { WindowRow } from "../../../../../shared/core/window/window-rows.ts";
import type { WindowConfig } from "../../../../../shared/core/window/window-shape.ts";

const config: WindowConfig = {
  sliceMs: 10_000,
  shapes: [
    { sizeMs: 60_000, slideMs: 60_000 },
    { sizeMs: 50_000, slideMs: 20_000 },
  ],
  allowedLatenessMs: 120_000,
  allowedDisorderMs: 10_000,
};
const START_MS = 1_767_225_600_000;
/** When on-time panes are asked for, by the worker's clock. */
const NOW_MS = START_MS + 500_000;

/** A bid as the oracle sees it. */
interface Bid {
  readonly auction: number;
  readonly bid: number;
  readonly timeMs: number;
}

/** The same bid always has the same price, as honest exchanges send it. */
function priceOf(bid: number): number {
  return (bid * 7919) % 1_000_003;
}

/** Counts one event by itself: the bid, or what `changed` makes of it. */
function count(
  engine: WindowEngine,
  { auction, bid, timeMs }: Bid,
  changed: { readonly typeCode?: number; readonly priceLow?: number } = {},
): EventOutcome {
  const rows: EventRows = {
    type: Uint8Array.of(changed.typeCode ?? 1),
    eventTimeUs: Float64Array.of(timeMs * 1000),
    priceHigh: Uint32Array.of(bid % 3),
    priceLow: Uint32Array.of(changed.priceLow ?? priceOf(bid)),
    auction: { high: Uint32Array.of(auction), low: Uint32Array.of(auction) },
    bid: { high: Uint32Array.of(bid), low: Uint32Array.of(Math.imul(bid, 2_654_435_761)) },
    auctionId: () => `auction-${auction}`,
  };
  return engine.count(rows, 0, `us/${auction % 2}`);
}

/** The log as Spanner holds it: an insert of a revision that exists fails the whole commit. */
class StoredLog {
  readonly revisions = new Map<string, LogRevision[]>();

  insert(inserts: ReturnType<WindowEngine["logInserts"]>): boolean {
    const races = inserts.some(({ auctionId, revision }) =>
      this.revisions.get(auctionId)?.some((stored) => stored.revision === revision),
    );
    if (races) return false;
    for (const { auctionId, ...revision } of inserts) {
      this.revisions.set(auctionId, [...(this.revisions.get(auctionId) ?? []), revision]);
    }
    return true;
  }
}

/** The table as BigQuery holds it: the highest revision of a key wins, whatever comes last. */
class StoredRows {
  readonly rows = new Map<string, WindowRow>();

  upsert(rows: readonly WindowRow[]): void {
    for (const row of rows) {
      const key = `${row.sizeMs} ${row.slideMs} ${row.auctionId} ${row.startMs}`;
      const stored = this.rows.get(key);
      if (stored === undefined || row.revision >= stored.revision) this.rows.set(key, row);
    }
  }
}

function rowsOf(engine: WindowEngine): WindowRow[] {
  const rows: WindowRow[] = [];
  engine.readWindowRows((row) => rows.push({ ...row }));
  return rows;
}

interface World {
  readonly engine: WindowEngine;
  readonly log: StoredLog;
  readonly table: StoredRows;
}

type Ending = "whole" | "beforeCommit" | "afterCommit" | "unknownCommit";

/** One bundle through one worker, as the shell does it, ended early where `ending` says so. */
function work({ engine, log, table }: World, bids: readonly Bid[], ending: Ending): void {
  for (;;) {
    const outcomes = bids.map((bid) => count(engine, bid));
    if (ending === "beforeCommit") return;
    if (!outcomes.includes("unknowable") && log.insert(engine.logInserts())) break;
    engine.reload(log.revisions);
  }
  if (ending === "afterCommit" || ending === "unknownCommit") return;
  engine.commit();
  table.upsert(rowsOf(engine));
  engine.finish();
}

/** What every window must say, counted naively from the distinct bids. */
function oracle(
  bids: readonly Bid[],
): Map<string, { count: number; sum: bigint; min: bigint; max: bigint }> {
  const windows = new Map<string, Map<number, bigint>>();
  for (const { auction, bid, timeMs } of bids) {
    for (const { sizeMs, slideMs } of config.shapes) {
      for (
        let start = Math.floor(timeMs / slideMs) * slideMs;
        start > timeMs - sizeMs;
        start -= slideMs
      ) {
        const key = `${sizeMs} ${slideMs} auction-${auction} ${start}`;
        const prices = windows.get(key) ?? new Map<number, bigint>();
        windows.set(key, prices.set(bid, nanosOf(bid % 3, priceOf(bid))));
      }
    }
  }
  return new Map(
    [...windows].map(([key, prices]) => {
      const sorted = [...prices.values()].toSorted((a, b) => Number(a - b));
      const sum = sorted.reduce((total, price) => total + price, 0n);
      return [key, { count: prices.size, sum, min: sorted[0] ?? 0n, max: sorted.at(-1) ?? 0n }];
    }),
  );
}

function resultsOf(table: StoredRows): ReturnType<typeof oracle> {
  return new Map(
    [...table.rows].map(([key, row]) => [
      key,
      {
        count: row.bidCount,
        sum: row.priceSumNanos,
        min: row.priceMinNanos,
        max: row.priceMaxNanos,
      },
    ]),
  );
}

const arbitraryBids = fc.array(
  fc.record({
    auction: fc.integer({ min: 1, max: 3 }),
    bid: fc.integer({ min: 1, max: 40 }),
    timeMs: fc.integer({ min: START_MS, max: START_MS + 90_000 }),
  }),
  { minLength: 1, maxLength: 120 },
);
const arbitraryEndings = fc.array(
  fc.constantFrom<Ending>("whole", "beforeCommit", "afterCommit", "unknownCommit"),
  { minLength: 40, maxLength: 40 },
);

test("W1: counts equal a batch oracle through crashes, races, lost replies, repeats and shuffles", () => {
  fc.assert(
    fc.property(
      arbitraryBids,
      arbitraryEndings,
      fc.infiniteStream(fc.nat(2)),
      (bids, endings, worker) => {
        const log = new StoredLog();
        const table = new StoredRows();
        const workers = [newEngine(), newEngine(), newEngine()];
        for (let from = 0, turn = 0; from < bids.length; from += 10, turn++) {
          const bundle = bids.slice(from, from + 10);
          const index = worker.next().value;
          const ending = endings[turn] ?? "whole";
          work({ engine: workers[index] ?? newEngine(), log, table }, bundle, ending);
          if (ending === "unknownCommit") workers[index]?.rollBack();
          else if (ending !== "whole") workers[index] = newEngine();
          // What was not acked is delivered again, to any worker.
          const next = workers[worker.next().value] ?? newEngine();
          work({ engine: next, log, table }, [...bundle].reverse(), "whole");
        }
        expect(resultsOf(table)).toEqual(oracle(bids));
      },
    ),
    { numRuns: 300 },
  );
});

function newEngine(): WindowEngine {
  return new WindowEngine(config, 60);
}

test("W2: an event beyond the allowed lateness of its slice is late and changes no row", () => {
  const { engine, log, table } = aWorld();
  work({ engine, log, table }, [{ auction: 2, bid: 1, timeMs: START_MS + 600_000 }], "whole");
  const before = new Map(table.rows);
  const late = { auction: 2, bid: 2, timeMs: START_MS };
  expect(count(engine, late)).toBe("unknowable");
  engine.reload(log.revisions);
  expect(count(engine, late)).toBe("late");
  engine.rollBack();
  expect(table.rows).toEqual(before);
});

test("W3: an event inside the allowed lateness corrects its windows", () => {
  const { engine, log, table } = aWorld();
  work({ engine, log, table }, [{ auction: 2, bid: 1, timeMs: START_MS + 130_000 }], "whole");
  const event = { auction: 2, bid: 2, timeMs: START_MS };
  work({ engine, log, table }, [event], "whole");
  expect(table.rows.get(`60000 60000 auction-2 ${START_MS}`)?.bidCount).toBe(1);
});

test("W3: a type that may come later than bids is not late where a bid is", () => {
  const engine = new WindowEngine({ ...config, allowedLatenessOfMs: { win: 900_000 } }, 60);
  engine.raiseRegionWatermark(START_MS + 600_000);
  const bid = { auction: 2, bid: 2, timeMs: START_MS };
  const outcomes = [count(engine, bid), count(engine, bid, { typeCode: typeCodeOf("win") })];
  expect(outcomes).toEqual(["unknowable", "counted"]);
});

test("W4: the same bid at another price in its slice is a conflict and counts once, at the first price", () => {
  const { engine } = aWorld();
  const first = { auction: 1, bid: 5, timeMs: START_MS };
  expect(count(engine, first)).toBe("counted");
  expect(count(engine, first, { priceLow: 1 })).toBe("conflict");
  engine.logInserts();
  engine.commit();
  const sums = rowsOf(engine).map((row) => row.priceSumNanos);
  expect(sums.length).toBeGreaterThan(0);
  expect(sums).toEqual(sums.map(() => nanosOf(2, priceOf(5))));
});

test("W5: a bundle of nothing but duplicates publishes its rows again and commits nothing", () => {
  const { engine, log, table } = aWorld();
  const bids = [{ auction: 1, bid: 1, timeMs: START_MS }];
  work({ engine, log, table }, bids, "whole");
  table.rows.clear();
  work({ engine, log, table }, bids, "whole");
  expect(log.revisions.get("auction-1")?.length).toBe(1);
  expect(resultsOf(table)).toEqual(oracle(bids));
});

function aWorld(): World {
  return { engine: new WindowEngine(config, 1000), log: new StoredLog(), table: new StoredRows() };
}

test("W6: checkpoints leave out what is final, and a duplicate from before is still told by the log", () => {
  const { engine, log, table } = aWorld();
  const early = { auction: 1, bid: 1, timeMs: START_MS };
  const bids = Array.from({ length: 90 }, (_, index) => ({
    auction: 1,
    bid: 2 + index,
    timeMs: START_MS + 900_000 + index,
  }));
  work({ engine, log, table }, [early], "whole");
  engine.raiseRegionWatermark(START_MS + 900_000);
  for (const bid of bids) work({ engine, log, table }, [bid], "whole");
  const checkpoints = log.revisions.get("auction-1")?.filter(({ isCheckpoint }) => isCheckpoint);
  expect(checkpoints?.length).toBeGreaterThan(0);
  const checkpoint = checkpoints?.[0];
  expect(checkpoint?.bids.length).toBe(24 * ((checkpoint?.revision ?? 0) - 1));
  expect(count(engine, early)).toBe("unknowable");
  engine.reload(log.revisions);
  expect(count(engine, early)).toBe("duplicate");
  engine.rollBack();
  const another = newEngine();
  another.raiseRegionWatermark(START_MS + 900_000);
  work({ engine: another, log, table }, [...bids, early], "whole");
  expect(resultsOf(table)).toEqual(oracle([early, ...bids]));
});

test("auctions are forgotten once all their windows are final and have fired, and a duplicate is still told", () => {
  const { engine, log, table } = aWorld();
  const next = { auction: 2, bid: 2, timeMs: START_MS + 600_000 };
  const bids = [{ auction: 1, bid: 1, timeMs: START_MS }, next];
  work({ engine, log, table }, bids, "whole");
  const finalMs =
    START_MS +
    config.sliceMs +
    config.allowedLatenessMs +
    Math.max(...config.shapes.map(({ sizeMs }) => sizeMs));
  engine.raiseRegionWatermark(finalMs);
  work({ engine, log, table }, [next], "whole");
  expect(engine.auctionCount).toBe(2);
  const { ended, rows } = engine.onTimePanes(NOW_MS);
  engine.confirmOnTime({ ended: ended.slice(1), rows });
  work({ engine, log, table }, [next], "whole");
  expect(engine.auctionCount).toBe(2);
  engine.confirmOnTime({ ended, rows });
  work({ engine, log, table }, [next], "whole");
  expect(engine.auctionCount).toBe(1);
  work({ engine, log, table }, bids, "whole");
  expect(log.revisions.get("auction-1")?.length).toBe(1);
  expect(resultsOf(table)).toEqual(oracle(bids));
});

test("W8: each window fires one on-time pane when the watermark passes its end, and late ones after", () => {
  fc.assert(
    fc.property(arbitraryBids, fc.array(fc.nat(40_000), { maxLength: 8 }), (bids, steps) => {
      const { log, table, engine } = aWorld();
      work({ engine, log, table }, bids, "whole");
      const onTime = new StoredRows();
      let fired = 0;
      let watermarkMs = START_MS;
      for (const step of [...steps, 400_000]) {
        watermarkMs += step;
        engine.raiseRegionWatermark(watermarkMs);
        const panes = engine.onTimePanes(NOW_MS);
        const { rows } = panes;
        expect(rows.every((row) => row.startMs + row.sizeMs <= watermarkMs)).toBe(true);
        engine.confirmOnTime(panes);
        onTime.upsert(rows);
        fired += rows.length;
      }
      expect(resultsOf(onTime)).toEqual(oracle(bids));
      expect(fired).toBe(onTime.rows.size);
    }),
  );
});

test("W8: where auctions are forgotten for want of room, what is fired is fired once and is right", () => {
  const bid = fc.record({
    auction: fc.integer({ min: 1, max: 30 }),
    bid: fc.integer({ min: 1, max: 10 }),
    timeMs: fc.integer({ min: START_MS, max: START_MS + 90_000 }),
  });
  fc.assert(
    fc.property(fc.array(bid, { minLength: 100, maxLength: 300 }), (bids) => {
      const { log, table } = aWorld();
      const engine = newEngine();
      for (let from = 0; from < bids.length; from += 10) {
        work({ engine, log, table }, bids.slice(from, from + 10), "whole");
      }
      const expected = oracle(bids);
      expect(resultsOf(table)).toEqual(expected);
      engine.raiseRegionWatermark(START_MS + 400_000);
      const { rows } = engine.onTimePanes(NOW_MS);
      const onTime = new StoredRows();
      onTime.upsert(rows);
      expect(rows.length).toBe(onTime.rows.size);
      expect(rows.length).toBeGreaterThan(0);
      for (const [key, result] of resultsOf(onTime)) expect(result).toEqual(expected.get(key));
    }),
  );
});

test("W8: a bundle that is not committed fires nothing, and an unconfirmed pane is fired again", () => {
  const { engine, log, table } = aWorld();
  work({ engine, log, table }, [{ auction: 1, bid: 1, timeMs: START_MS }], "whole");
  engine.raiseRegionWatermark(START_MS + 60_000);
  const panes = engine.onTimePanes(NOW_MS);
  expect(panes.rows.map(({ timing }) => timing)).toContain("onTime");
  expect(engine.onTimePanes(NOW_MS)).toEqual(panes);
  count(engine, { auction: 1, bid: 2, timeMs: START_MS });
  expect(engine.onTimePanes(NOW_MS)).toEqual({ ended: [], rows: [] });
  engine.rollBack();
  engine.confirmOnTime(panes);
  expect(engine.onTimePanes(NOW_MS)).toEqual({ ended: [], rows: [] });
  work({ engine, log, table }, [{ auction: 1, bid: 3, timeMs: START_MS }], "whole");
  expect([...table.rows.values()].some(({ timing }) => timing === "late")).toBe(true);
});

test("W8: panes that fall due together are spread over 20 s, and what comes to a window before its own is early", () => {
  const engine = new WindowEngine(config, 10_000);
  const world: World = { engine, log: new StoredLog(), table: new StoredRows() };
  const bids = Array.from({ length: 3000 }, (_, at) => ({
    auction: at,
    bid: at,
    timeMs: START_MS,
  }));
  work(world, bids, "whole");
  engine.raiseRegionWatermark(START_MS + 60_000);
  const panes: WindowRow[] = [];
  const fire = (nowMs: number): void => {
    const turn = engine.onTimePanes(nowMs);
    panes.push(...turn.rows);
    engine.confirmOnTime(turn);
  };
  const timingsOf = (auction: number): string[] => {
    world.table.rows.clear();
    work(world, [{ auction, bid: auction, timeMs: START_MS }], "whole");
    return [...new Set([...world.table.rows.values()].map(({ timing }) => timing))].toSorted();
  };
  const total = oracle(bids).size;
  fire(NOW_MS);
  fire(NOW_MS);
  const atOnce = panes.length;
  expect(atOnce).toBeGreaterThan(0);
  expect(atOnce).toBeLessThan(0.1 * total);
  expect(timingsOf(0)).toEqual(["early", "late"]);
  expect(timingsOf(2999)).toEqual(["early"]);
  fire(NOW_MS + 10_000);
  expect(panes.length).toBe(atOnce + total / 2);
  for (let ms = 11_000; ms <= 20_000; ms += 1000) fire(NOW_MS + ms);
  expect(panes.length).toBe(total);
  expect(new Set(panes.map(({ timing }) => timing))).toEqual(new Set(["onTime"]));
  const fired = new StoredRows();
  fired.upsert(panes);
  expect(resultsOf(fired)).toEqual(oracle(bids));
  expect(timingsOf(2999)).toEqual(["late"]);
});
