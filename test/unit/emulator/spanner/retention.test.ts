/** A long run in virtual time: what the database holds must follow its retention, not its age. */
import type { DatabaseState } from "../../../../emulator/spanner/database-state.ts";
import { VersionedStore } from "../../../../emulator/spanner/storage/versioned-store.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../../shared/core/time.ts";
import { allOf, apply, COUNTER_DDL, databaseWith, NOW_MS, rowsAt, write } from "./builders.ts";

/** Runs each minute of a span, and housekeeping now and then; gives the most versions held after `settledMs`. */
function runMinutes(
  state: DatabaseState,
  span: { readonly lengthMs: number; readonly settledMs: number },
  work: (nowMs: number, minute: number) => void,
): number {
  let most = 0;
  for (let minute = 0; minute * MINUTE_MS < span.lengthMs; minute++) {
    const nowMs = NOW_MS + minute * MINUTE_MS;
    work(nowMs, minute);
    if (minute % 60 === 0) state.deleteExpired(nowMs);
    if (minute % 5 === 0) state.sweep(nowMs);
    if (minute * MINUTE_MS > span.settledMs) most = Math.max(most, state.heldVersions);
  }
  return most;
}

test("a day of updates holds an hour of versions, of rows and of index entries", () => {
  const state = databaseWith(COUNTER_DDL, "CREATE INDEX CounterByValue ON Counter(value)");
  const most = runMinutes(state, { lengthMs: DAY_MS, settledMs: 2 * HOUR_MS }, (nowMs, minute) => {
    apply(state, [write("insertOrUpdate", "Counter", { id: "a", value: String(minute) })], nowMs);
  });
  // A minute writes a row, an entry, and the deletion of the entry before.
  expect(most).toBeLessThanOrEqual(3 * 67);
  expect(rowsAt(state, allOf("Counter", ["value"]))).toEqual([["1439"]]);
});

test("a retention period that is set is kept to, and not exceeded", () => {
  const state = databaseWith(
    COUNTER_DDL,
    "ALTER DATABASE d SET OPTIONS (version_retention_period = '6h')",
  );
  const most = runMinutes(state, { lengthMs: DAY_MS, settledMs: 7 * HOUR_MS }, (nowMs, minute) => {
    apply(state, [write("insertOrUpdate", "Counter", { id: "a", value: String(minute) })], nowMs);
  });
  expect(most).toBeGreaterThan(6 * 60 - 2);
  expect(most).toBeLessThanOrEqual(6 * 60 + 7);
});

test("rows that a policy deletes and their deletions are forgotten: four days hold as much as two", () => {
  const state = databaseWith(
    "CREATE TABLE Log (id INT64 NOT NULL, at_time TIMESTAMP) PRIMARY KEY (id), ROW DELETION POLICY (OLDER_THAN(at_time, INTERVAL 1 DAY))",
  );
  const most = runMinutes(state, { lengthMs: 4 * DAY_MS, settledMs: DAY_MS }, (nowMs, minute) => {
    const row = { id: String(minute), at_time: new Date(nowMs).toISOString() };
    apply(state, [write("insert", "Log", row)], nowMs);
  });
  // A day of rows and the hour until the policy runs, and for an hour more each deleted row with its deletion.
  expect(most).toBeLessThanOrEqual(26 * 60 + 2 * 67);
  expect(rowsAt(state, allOf("Log", ["id"])).length).toBeLessThanOrEqual(25 * 60 + 1);
});

test("old versions are forgotten a bounded number at a time, until none is left", () => {
  const store = new VersionedStore("Log");
  for (let key = 0; key < 25_000; key++) store.write(String(key), ["1"], 1);
  for (let key = 0; key < 25_000; key++) store.write(String(key), undefined, 2);
  expect(store.forgetBefore(2)).toBe(true);
  expect(store.held).toBeGreaterThan(25_000);
  for (let calls = 0; calls < 5 && store.forgetBefore(2); calls++);
  expect(store.held).toBe(0);
});

test("changed keys that nobody asks for are given up beyond a bound, and all rows read anew", () => {
  const store = new VersionedStore("Log");
  store.takeChangedKeys();
  store.write("a", ["1"], 1);
  expect(store.takeChangedKeys()).toEqual(new Set(["a"]));
  for (let key = 0; key < 200_001; key++) store.write(String(key), ["1"], 2);
  expect(store.takeChangedKeys()).toBeUndefined();
});

const LOG_DDL =
  "CREATE TABLE Log (id INT64 NOT NULL, at_time TIMESTAMP) PRIMARY KEY (id), ROW DELETION POLICY (OLDER_THAN(at_time, INTERVAL 1 DAY))";

function addToLog(state: DatabaseState, id: number, agoMs: number): void {
  const row = { id: String(id), at_time: new Date(NOW_MS - agoMs).toISOString() };
  apply(state, [write("insertOrUpdate", "Log", row)], NOW_MS);
}

test("where no row is old, none is looked at, and what is written with an old time is found", () => {
  const state = databaseWith(LOG_DDL);
  for (let id = 0; id < 2500; id++) addToLog(state, id, HOUR_MS);
  expect([...state.expirySteps(NOW_MS)]).toEqual([0, 0, 0]);
  expect([...state.expirySteps(NOW_MS)]).toEqual([]);
  addToLog(state, 7, 2 * DAY_MS);
  expect(state.deleteExpired(NOW_MS)).toBe(1);
  addToLog(state, 2600, DAY_MS - MINUTE_MS);
  expect(state.deleteExpired(NOW_MS)).toBe(0);
  expect(state.deleteExpired(NOW_MS + 2 * MINUTE_MS)).toBe(1);
  expect(state.deleteExpired(NOW_MS + DAY_MS)).toBe(2499);
});

test("a search for old rows that was left, or overtaken by another, says nothing of those it did not see", () => {
  const state = databaseWith(LOG_DDL);
  for (let id = 0; id < 2500; id++) addToLog(state, id, HOUR_MS);
  addToLog(state, 1500, DAY_MS - MINUTE_MS);
  const overtaken = state.expirySteps(NOW_MS);
  overtaken.next();
  overtaken.next();
  state.expirySteps(NOW_MS).next();
  for (const _ of overtaken);
  expect(state.deleteExpired(NOW_MS + 2 * MINUTE_MS)).toBe(1);
});
