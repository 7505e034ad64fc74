/**
 * Judges a history of transactions by what their callers saw, and by nothing else. Every write puts a
 * value that no other write puts, and a transaction reads each key before it writes it; so what it
 * read is the version that its write followed, and the order of each key's versions is known.
 *
 * Two independent verdicts: the dependency graph (who read whose version, who wrote over it) must have
 * no cycle, and replaying the transactions by the timestamps they were given must explain every read.
 */

export interface RecordedTransaction {
  readonly id: string;
  /** `unknown`: the caller did not hear whether it was committed. */
  readonly outcome: "committed" | "aborted" | "unknown";
  /** Key to the value that was read. */
  readonly reads: ReadonlyMap<string, string>;
  /** Key to the value that was written. */
  readonly writes: ReadonlyMap<string, string>;
  /** The caller's clock, before the first and after the last request. */
  readonly beganMs: number;
  readonly endedMs: number;
  /** Commit timestamp, or a snapshot's read timestamp, in microseconds; undefined where it was not told. */
  readonly timestamp: number | undefined;
}

export interface Anomaly {
  readonly kind: "dirtyRead" | "lostUpdate" | "writeSkew" | "cycle" | "timestampOrder" | "realTime";
  readonly detail: string;
}

export function checkSerializability(
  initial: ReadonlyMap<string, string>,
  history: readonly RecordedTransaction[],
): Anomaly[] {
  const committed = history.filter(({ outcome }) => outcome !== "aborted");
  const writers = writersOf(committed);
  const dirty = dirtyReads(initial, committed, writers);
  if (dirty.length > 0) return dirty;
  const effective = withoutUnseenUnknowns(committed);
  return [
    ...lostUpdates(effective),
    ...dependencyCycles(effective, writers),
    ...replayByTimestamp(initial, effective),
    ...realTimeOrder(effective),
  ];
}

function writersOf(history: readonly RecordedTransaction[]): Map<string, RecordedTransaction> {
  const writers = new Map<string, RecordedTransaction>();
  for (const transaction of history) {
    for (const value of transaction.writes.values()) writers.set(value, transaction);
  }
  return writers;
}

/** An unknown outcome counts as committed only where somebody read what it wrote. */
function withoutUnseenUnknowns(history: readonly RecordedTransaction[]): RecordedTransaction[] {
  const seen = new Set(history.flatMap(({ reads }) => [...reads.values()]));
  return history.filter(
    ({ outcome, writes }) =>
      outcome === "committed" || [...writes.values()].some((value) => seen.has(value)),
  );
}

function dirtyReads(
  initial: ReadonlyMap<string, string>,
  history: readonly RecordedTransaction[],
  writers: ReadonlyMap<string, RecordedTransaction>,
): Anomaly[] {
  const anomalies: Anomaly[] = [];
  for (const { id, reads } of history) {
    for (const [key, value] of reads) {
      if (initial.get(key) === value || writers.has(value)) continue;
      const detail = `${id} read ${key} = ${value}, which nobody committed`;
      anomalies.push({ kind: "dirtyRead", detail });
    }
  }
  return anomalies;
}

/** Two transactions that both read one version and both wrote over it. */
function lostUpdates(history: readonly RecordedTransaction[]): Anomaly[] {
  const anomalies: Anomaly[] = [];
  const successors = new Map<string, string>();
  for (const { id, reads, writes } of history) {
    for (const key of writes.keys()) {
      const version = `${key} = ${reads.get(key)}`;
      const other = successors.get(version);
      if (other !== undefined) {
        anomalies.push({
          kind: "lostUpdate",
          detail: `${other} and ${id} both replaced ${version}`,
        });
      }
      successors.set(version, id);
    }
  }
  return anomalies;
}

interface Edge {
  readonly to: RecordedTransaction;
  /** An anti-dependency: `to` wrote over what the transaction read. */
  readonly isAnti: boolean;
}

/** One cycle, if there is any: named write skew where all it consists of is reads written over. */
function dependencyCycles(
  history: readonly RecordedTransaction[],
  writers: ReadonlyMap<string, RecordedTransaction>,
): Anomaly[] {
  const edges = dependencies(history, writers);
  const cycle = findCycle(history, edges);
  if (cycle === undefined) return [];
  const isSkew = cycle.every(
    (from, index) => edgeBetween(edges, from, cycle[(index + 1) % cycle.length])?.isAnti === true,
  );
  const detail = cycle.map(({ id }) => id).join(" -> ");
  return [{ kind: isSkew ? "writeSkew" : "cycle", detail }];
}

function edgeBetween(
  edges: ReadonlyMap<RecordedTransaction, readonly Edge[]>,
  from: RecordedTransaction,
  to: RecordedTransaction | undefined,
): Edge | undefined {
  const between = edges.get(from)?.filter((edge) => edge.to === to) ?? [];
  return between.find((edge) => !edge.isAnti) ?? between[0];
}

/** For each transaction those that must come after it. */
function dependencies(
  history: readonly RecordedTransaction[],
  writers: ReadonlyMap<string, RecordedTransaction>,
): Map<RecordedTransaction, Edge[]> {
  const edges = new Map<RecordedTransaction, Edge[]>(history.map((each) => [each, []]));
  const replacedBy = new Map<string, RecordedTransaction>();
  for (const transaction of history) {
    for (const key of transaction.writes.keys()) {
      replacedBy.set(`${key} ${transaction.reads.get(key)}`, transaction);
    }
  }
  for (const transaction of history) {
    for (const [key, value] of transaction.reads) {
      const writer = writers.get(value);
      if (writer !== undefined && writer !== transaction) {
        edges.get(writer)?.push({ to: transaction, isAnti: false });
      }
      const next = replacedBy.get(`${key} ${value}`);
      if (next !== undefined && next !== transaction) {
        edges.get(transaction)?.push({ to: next, isAnti: true });
      }
    }
  }
  return edges;
}

/** The shortest cycle through any transaction, by breadth-first search from each. */
function findCycle(
  history: readonly RecordedTransaction[],
  edges: ReadonlyMap<RecordedTransaction, readonly Edge[]>,
): RecordedTransaction[] | undefined {
  let shortest: RecordedTransaction[] | undefined;
  for (const start of history) {
    const cycle = cycleThrough(start, edges);
    if (cycle !== undefined && (shortest === undefined || cycle.length < shortest.length)) {
      shortest = cycle;
    }
  }
  return shortest;
}

function cycleThrough(
  start: RecordedTransaction,
  edges: ReadonlyMap<RecordedTransaction, readonly Edge[]>,
): RecordedTransaction[] | undefined {
  const cameFrom = new Map<RecordedTransaction, RecordedTransaction>();
  const queue = [start];
  for (const node of queue) {
    for (const { to } of edges.get(node) ?? []) {
      if (to === start) return pathTo(node, start, cameFrom);
      if (cameFrom.has(to)) continue;
      cameFrom.set(to, node);
      queue.push(to);
    }
  }
  return undefined;
}

function pathTo(
  end: RecordedTransaction,
  start: RecordedTransaction,
  cameFrom: ReadonlyMap<RecordedTransaction, RecordedTransaction>,
): RecordedTransaction[] {
  const path = [end];
  let node = end;
  while (node !== start) {
    const before = cameFrom.get(node);
    if (before === undefined) break;
    path.unshift(before);
    node = before;
  }
  return path;
}

/** Runs the transactions one after the other, by timestamp; a snapshot comes behind the commits of its time. */
function replayByTimestamp(
  initial: ReadonlyMap<string, string>,
  history: readonly RecordedTransaction[],
): Anomaly[] {
  const state = new Map(initial);
  const anomalies: Anomaly[] = [];
  for (const { id, reads, writes, timestamp } of byTimestamp(history)) {
    for (const [key, value] of reads) {
      if (state.get(key) === value) continue;
      const detail = `${id} at ${timestamp} read ${key} = ${value}, but ${state.get(key)} was there then`;
      anomalies.push({ kind: "timestampOrder", detail });
    }
    for (const [key, value] of writes) state.set(key, value);
  }
  return anomalies;
}

function byTimestamp(history: readonly RecordedTransaction[]): RecordedTransaction[] {
  const told = history.filter(({ timestamp }) => timestamp !== undefined);
  if (told.length < history.length) return [];
  return told.sort((left, right) => {
    const order = (left.timestamp ?? 0) - (right.timestamp ?? 0);
    return order === 0 ? right.writes.size - left.writes.size : order;
  });
}

/** External consistency: who began after another had ended has the later timestamp. */
function realTimeOrder(history: readonly RecordedTransaction[]): Anomaly[] {
  const anomalies: Anomaly[] = [];
  for (const early of history) {
    for (const late of history) {
      if (early.timestamp === undefined || late.timestamp === undefined) continue;
      if (early.endedMs >= late.beganMs || early.timestamp <= late.timestamp) continue;
      const detail = `${late.id} began after ${early.id} had ended, with an earlier timestamp`;
      anomalies.push({ kind: "realTime", detail });
    }
  }
  return anomalies;
}
