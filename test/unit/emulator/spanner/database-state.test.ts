import { DAY_MS, HOUR_MS } from "../../../../shared/core/time.ts";
import {
  allOf,
  apply,
  COUNTER_DDL,
  commit,
  databaseWith,
  keysOf,
  NOW_MS,
  read,
  rowsAt,
  write,
} from "./builders.ts";

const ONE = keysOf("Counter", ["value"], ["a"]);
const ABORTED = 10;

test("an older transaction aborts the younger reader of what it writes", () => {
  const state = databaseWith(COUNTER_DDL);
  const older = state.begin(NOW_MS);
  const younger = state.begin(NOW_MS);
  read(state, older, ONE);
  read(state, younger, ONE);
  expect(commit(state, older, [counter("a", "1")]).outcome?.ok).toBe(true);
  expect(() => state.active(younger.id, NOW_MS)).toThrow(
    expect.objectContaining({ code: ABORTED }),
  );
});

test("a younger transaction waits for the older reader, and then goes on", () => {
  const state = databaseWith(COUNTER_DDL);
  const older = state.begin(NOW_MS);
  const younger = state.begin(NOW_MS);
  read(state, older, ONE);
  const waiting = commit(state, younger, [counter("a", "2")]);
  expect(waiting.outcome).toBeUndefined();
  expect(commit(state, older, []).outcome?.ok).toBe(true);
  expect(waiting.outcome?.ok).toBe(true);
  expect(rowsAt(state, ONE)).toEqual([["2"]]);
});

test("a transaction that waits and is wounded hears ABORTED with a delay", () => {
  const state = databaseWith(COUNTER_DDL);
  const oldest = state.begin(NOW_MS);
  const middle = state.begin(NOW_MS);
  const youngest = state.begin(NOW_MS);
  read(state, middle, ONE);
  read(state, youngest, keysOf("Counter", ["value"], ["b"]));
  const waiting = commit(state, youngest, [counter("a", "1")]);
  expect(commit(state, oldest, [counter("b", "1")]).outcome?.ok).toBe(true);
  expect(waiting.outcome).toMatchObject({
    ok: false,
    error: { code: ABORTED, retryDelayMs: expect.any(Number) },
  });
});

test("who waited for a transaction that was wounded is tried again", () => {
  const state = databaseWith(COUNTER_DDL);
  const oldest = state.begin(NOW_MS);
  const middle = state.begin(NOW_MS);
  const youngest = state.begin(NOW_MS);
  read(state, middle, keysOf("Counter", ["value"], ["a"], ["b"]));
  const waiting = commit(state, youngest, [counter("a", "1")]);
  expect(commit(state, oldest, [counter("b", "1")]).outcome?.ok).toBe(true);
  expect(waiting.outcome?.ok).toBe(true);
});

test("a retry keeps the age of the attempt before it", () => {
  const state = databaseWith(COUNTER_DDL);
  const oldest = state.begin(NOW_MS);
  const first = state.begin(NOW_MS);
  const rival = state.begin(NOW_MS);
  read(state, first, ONE);
  commit(state, oldest, [counter("a", "1")]);
  const second = state.begin(NOW_MS, first.id);
  read(state, rival, ONE);
  expect(commit(state, second, [counter("a", "2")]).outcome?.ok).toBe(true);
  expect(second.age).toBe(first.age);
  expect(rival.state).toBe("aborted");
});

test("readers share, also of a row that is not there; a writer of it waits", () => {
  const state = databaseWith(COUNTER_DDL);
  const first = state.begin(NOW_MS);
  const second = state.begin(NOW_MS);
  const third = state.begin(NOW_MS);
  expect(read(state, first, ONE).outcome).toEqual({ ok: true, value: [] });
  expect(read(state, second, ONE).outcome).toEqual({ ok: true, value: [] });
  expect(commit(state, third, [counter("a", "1")]).outcome).toBeUndefined();
});

test("a range that was read is closed to inserts", () => {
  const state = databaseWith(COUNTER_DDL);
  const older = state.begin(NOW_MS);
  read(state, older, allOf("Counter", ["id"]));
  expect(commit(state, state.begin(NOW_MS), [counter("zzz", "1")]).outcome).toBeUndefined();
});

test("a commit that comes again answers the same and does nothing", () => {
  const state = databaseWith(COUNTER_DDL);
  const transaction = state.begin(NOW_MS);
  const first = commit(state, transaction, [counter("a", "1")]);
  const again = commit(state, state.committable(transaction.id, NOW_MS), [counter("a", "1")]);
  expect(first.outcome?.ok).toBe(true);
  expect(again.outcome).toEqual(first.outcome);
});

test("commit timestamps rise while the clock stands or falls, and stay behind every read", () => {
  const state = databaseWith(COUNTER_DDL);
  const first = apply(state, [counter("a", "1")]);
  const second = apply(state, [counter("b", "1")], NOW_MS - 5);
  const readAt = state.readTimestamp({ kind: "strong" }, NOW_MS + 1);
  const third = apply(state, [counter("c", "1")], NOW_MS + 1);
  expect([second > first, readAt > second, third > readAt]).toEqual([true, true, true]);
});

test("a version stays readable for the retention period and is forgotten then", () => {
  const state = databaseWith(COUNTER_DDL);
  const before = apply(state, [counter("a", "1")]);
  apply(state, [write("update", "Counter", { id: "a", value: "2" })], NOW_MS + 1000);
  state.sweep(NOW_MS + HOUR_MS);
  expect(rowsAt(state, ONE, before)).toEqual([["1"]]);
  state.sweep(NOW_MS + HOUR_MS + 2000);
  expect(rowsAt(state, ONE, before)).toEqual([]);
  expect(rowsAt(state, ONE)).toEqual([["2"]]);
  const bound = { kind: "exact", timestampMicros: before } as const;
  expect(() => state.readTimestamp(bound, NOW_MS + 2 * HOUR_MS)).toThrow(/version retention/);
});

test("an idle transaction loses its locks to others after ten seconds", () => {
  const state = databaseWith(COUNTER_DDL);
  const idle = state.begin(NOW_MS);
  read(state, idle, ONE);
  const waiting = commit(state, state.begin(NOW_MS), [counter("a", "1")]);
  state.sweep(NOW_MS + 9000);
  expect(waiting.outcome).toBeUndefined();
  state.sweep(NOW_MS + 11_000);
  expect(waiting.outcome?.ok).toBe(true);
});

test("a row deletion policy deletes what is older, children with it, and nothing else", () => {
  const state = databaseWith(
    "CREATE TABLE Log (id INT64 NOT NULL, at_time TIMESTAMP) PRIMARY KEY (id), ROW DELETION POLICY (OLDER_THAN(at_time, INTERVAL 2 DAY))",
    "CREATE TABLE Line (id INT64 NOT NULL, line INT64 NOT NULL) PRIMARY KEY (id, line), INTERLEAVE IN PARENT Log ON DELETE CASCADE",
  );
  const at = (ageMs: number) => new Date(NOW_MS - ageMs).toISOString();
  apply(state, [
    write("insert", "Log", { id: "1", at_time: at(3 * DAY_MS) }),
    write("insert", "Log", { id: "2", at_time: at(DAY_MS) }),
    write("insert", "Log", { id: "3", at_time: null }),
    write("insert", "Line", { id: "1", line: "1" }),
  ]);
  expect(state.deleteExpired(NOW_MS)).toBe(1);
  expect(rowsAt(state, allOf("Log", ["id"]))).toEqual([["2"], ["3"]]);
  expect(rowsAt(state, allOf("Line", ["id"]))).toEqual([]);
});

test("a row deletion policy goes in small steps; what is written between two of them stays right", () => {
  const state = databaseWith(
    "CREATE TABLE Log (id INT64 NOT NULL, at_time TIMESTAMP) PRIMARY KEY (id), ROW DELETION POLICY (OLDER_THAN(at_time, INTERVAL 1 DAY))",
  );
  const logRow = (id: number, ageMs: number) =>
    write("insertOrUpdate", "Log", {
      id: String(id),
      at_time: new Date(NOW_MS - ageMs).toISOString(),
    });
  apply(
    state,
    Array.from({ length: 2500 }, (_, id) => logRow(id, 2 * DAY_MS)),
  );
  const counts: number[] = [];
  for (const count of state.expirySteps(NOW_MS)) {
    counts.push(count);
    if (counts.length === 1) apply(state, [logRow(0, 2 * DAY_MS), logRow(2400, 0)]);
  }
  expect(Math.max(...counts)).toBeLessThanOrEqual(1000);
  expect(rowsAt(state, allOf("Log", ["id"]))).toEqual([["0"], ["2400"]]);
});

test("rows that a transaction holds are not deleted as expired until it ends", () => {
  const state = databaseWith(
    "CREATE TABLE Log (id INT64 NOT NULL, at_time TIMESTAMP) PRIMARY KEY (id), ROW DELETION POLICY (OLDER_THAN(at_time, INTERVAL 0 DAY))",
  );
  apply(state, [write("insert", "Log", { id: "1", at_time: "2020-01-01T00:00:00Z" })]);
  const holder = state.begin(NOW_MS);
  read(state, holder, keysOf("Log", ["id"], ["1"]));
  expect(state.deleteExpired(NOW_MS)).toBe(0);
  state.rollback(holder.id);
  expect(state.deleteExpired(NOW_MS)).toBe(1);
});

test("a commit beyond 80,000 mutations is refused", () => {
  const state = databaseWith(COUNTER_DDL);
  const rows = Array.from({ length: 40_001 }, (_, index) => [String(index), "1"]);
  const mutation = { kind: "insert", table: "Counter", columns: ["id", "value"], rows } as const;
  expect(() => apply(state, [mutation])).toThrow(/too many mutations/);
});

function counter(id: string, value: string) {
  return write("insertOrUpdate", "Counter", { id, value });
}
