import { checkSerializability, type RecordedTransaction } from "./serializability.ts";

const initial = new Map([
  ["x", "x0"],
  ["y", "y0"],
]);

test("a serial history has no anomaly", () => {
  const first = transaction({ id: "a", reads: { x: "x0" }, writes: { x: "x1" }, timestamp: 1 });
  const second = transaction({
    id: "b",
    reads: { x: "x1", y: "y0" },
    writes: { y: "y1" },
    timestamp: 2,
  });
  expect(checkSerializability(initial, [second, first])).toEqual([]);
});

test("two writes over one version are a lost update", () => {
  const first = transaction({ id: "a", reads: { x: "x0" }, writes: { x: "x1" }, timestamp: 1 });
  const second = transaction({ id: "b", reads: { x: "x0" }, writes: { x: "x2" }, timestamp: 2 });
  expect(kinds([first, second])).toContain("lostUpdate");
});

test("two transactions that each wrote what the other read are write skew", () => {
  const first = transaction({
    id: "a",
    reads: { x: "x0", y: "y0" },
    writes: { x: "x1" },
    timestamp: 1,
  });
  const second = transaction({
    id: "b",
    reads: { x: "x0", y: "y0" },
    writes: { y: "y1" },
    timestamp: 2,
  });
  expect(kinds([first, second])).toEqual(["writeSkew", "timestampOrder"]);
});

test("a value of an aborted transaction that is read is a dirty read", () => {
  const aborted = transaction({ id: "a", outcome: "aborted", writes: { x: "x1" } });
  const reader = transaction({ id: "b", reads: { x: "x1" } });
  expect(kinds([aborted, reader])).toEqual(["dirtyRead"]);
});

test("an outcome that is unknown may be read, and may as well not have happened", () => {
  const unknown = transaction({
    id: "a",
    outcome: "unknown",
    reads: { x: "x0" },
    writes: { x: "x1" },
  });
  const reader = transaction({ id: "b", reads: { x: "x1" } });
  const other = transaction({ id: "c", reads: { x: "x0" } });
  expect(kinds([unknown, reader])).toEqual([]);
  expect(kinds([unknown, other])).toEqual([]);
});

test("an inconsistent snapshot is a cycle", () => {
  const first = transaction({ id: "a", reads: { x: "x0", y: "y0" }, writes: { x: "x1", y: "y1" } });
  const snapshot = transaction({ id: "s", reads: { x: "x1", y: "y0" } });
  expect(kinds([first, snapshot])).toEqual(["cycle"]);
});

test("a timestamp that falls in real time is found", () => {
  const early = transaction({ id: "a", reads: { x: "x0" }, beganMs: 0, endedMs: 1, timestamp: 9 });
  const late = transaction({ id: "b", reads: { y: "y0" }, beganMs: 2, endedMs: 3, timestamp: 8 });
  expect(kinds([early, late])).toEqual(["realTime"]);
});

function kinds(history: readonly RecordedTransaction[]): string[] {
  return checkSerializability(initial, history).map(({ kind }) => kind);
}

interface Sketch {
  readonly id: string;
  readonly outcome?: RecordedTransaction["outcome"];
  readonly reads?: Readonly<Record<string, string>>;
  readonly writes?: Readonly<Record<string, string>>;
  readonly beganMs?: number;
  readonly endedMs?: number;
  readonly timestamp?: number;
}

function transaction(sketch: Sketch): RecordedTransaction {
  return {
    id: sketch.id,
    outcome: sketch.outcome ?? "committed",
    reads: new Map(Object.entries(sketch.reads ?? {})),
    writes: new Map(Object.entries(sketch.writes ?? {})),
    beganMs: sketch.beganMs ?? 0,
    endedMs: sketch.endedMs ?? 100,
    timestamp: sketch.timestamp,
  };
}
