/**
 * All that one detector keeps of one shard of segments between slices: scores closed slices, judges them
 * once the whole fleet has been heard, and gathers what has to be committed. The same stored state and
 * slices give the same flags, whoever runs it and however often it was started again.
 */
import { assert } from "../assert.ts";
import type { FlagEvent, FlagTrack } from "../detector/flag-track.ts";
import { createFleetBaseline, type FleetSummary } from "../detector/fleet.ts";
import type { SliceStatistics } from "../detector/slice-statistics.ts";
import { createBaseline, readBaseline } from "../detector/step-detector.ts";
import {
  createWatch,
  judgeClosedSlice,
  type SegmentVerdict,
  scoreClosedSlice,
  type Watch,
  type WatchedSegment,
  watchSegment,
} from "../detector/watch-segments.ts";
import { flagIdOf } from "../review/flag-record.ts";
import type { SegmentSketch } from "../segment/segment-sketch.ts";
import { HOUR_MS } from "../time.ts";
import type { SliceInputs } from "./closed-slices.ts";
import { RecentUsers } from "./recent-users.ts";
import { mayMoveSnapshot, type ReviewedSpans } from "./reviewed-spans.ts";
import { rowsOf } from "./slice-rows.ts";

/** A segment as it is stored. */
export type StoredSegment = {
  readonly segment: string;
  readonly baseline: Uint8Array;
  readonly users: Uint8Array;
  readonly track: FlagTrack;
  /** The baseline before the slice at `snapshotSliceMs`; undefined where it stands as stored. */
  readonly snapshot: Uint8Array | undefined;
  readonly snapshotSliceMs: number;
  readonly reviewed: ReviewedSpans;
};

/** One slice that is closed, and where it was read from. */
export type ClosedSlice = {
  readonly startMs: number;
  readonly sketches: ReadonlyMap<string, SegmentSketch>;
  readonly inputs: SliceInputs;
};

/** One judged slice of one segment: what is published of it. */
export type JudgedSegment = {
  readonly statistics: SliceStatistics;
  readonly verdict: SegmentVerdict;
  readonly fleetNats: number;
  readonly regions: readonly string[];
};

/** What has been learned since the last commit. */
export type ShardProgress = {
  readonly nextSliceMs: number;
  readonly fleet: Uint8Array;
  readonly segments: readonly StoredSegment[];
  readonly events: readonly FlagEvent[];
};

/** What is kept of a segment beside its baseline and track. */
export type SegmentKeep = {
  users: RecentUsers;
  snapshot: Uint8Array;
  snapshotSliceMs: number;
  isSnapshotStored: boolean;
  reviewed: ReviewedSpans;
};

export class ShardWatch {
  readonly #watch: Watch;
  readonly #keeps = new Map<string, SegmentKeep>();
  readonly #sliceMs: number;
  #nextSliceMs: number;
  #scored: { rows: Map<string, SliceStatistics>; inputs: SliceInputs } | undefined;
  #events: FlagEvent[] = [];
  #judged: JudgedSegment[] = [];

  constructor(
    options: { readonly sliceMs: number; readonly threshold: number; readonly nextSliceMs: number },
    fleet: Uint8Array,
  ) {
    this.#sliceMs = options.sliceMs;
    this.#nextSliceMs = options.nextSliceMs;
    this.#watch = createWatch(options.sliceMs, options.threshold);
    const { state } = this.#watch.fleet;
    if (fleet.length === state.byteLength) new Uint8Array(state.buffer).set(fleet);
  }

  /** The first slice that is not judged yet. */
  get nextSliceMs(): number {
    return this.#nextSliceMs;
  }

  /** Whether the next slice is scored and waits for the fleet. */
  get isScored(): boolean {
    return this.#scored !== undefined;
  }

  /** What has been judged and not been taken since. */
  get judged(): readonly JudgedSegment[] {
    return this.#judged;
  }

  /**
   * Takes in a stored segment; undefined where its baseline is of another layout, and it learns anew.
   */
  restore(stored: StoredSegment): "restored" | "anew" {
    const { segment, track, snapshotSliceMs, reviewed, snapshot = stored.baseline } = stored;
    const users = RecentUsers.decode(stored.users);
    const keep = { users, snapshot, snapshotSliceMs, isSnapshotStored: true, reviewed };
    const { state } = createBaseline();
    if (stored.baseline.length !== state.byteLength) {
      watchSegment(this.#watch, segment);
      this.#keeps.set(segment, this.#freshKeep());
      return "anew";
    }
    watchSegment(this.#watch, segment, { baseline: readBaseline(stored.baseline), track });
    this.#keeps.set(segment, keep);
    return "restored";
  }

  /** Scores the next slice. Returns what this shard says of the fleet. */
  score({ startMs, sketches, inputs }: ClosedSlice): FleetSummary {
    assert(startMs === this.#nextSliceMs && !this.isScored, "slices are scored once, in order");
    this.#watchNew([...sketches.keys()]);
    if (startMs % HOUR_MS === 0) this.#moveSnapshots(startMs);
    const rows = rowsOf(startMs, sketches, (segment, sketch) =>
      this.keepOf(segment).users.note(startMs, sketch.users),
    );
    this.#scored = { rows, inputs };
    return scoreClosedSlice(this.#watch, startMs, rows);
  }

  /** Judges the scored slice by the whole fleet's summary, and goes on to the next. */
  judge(fleet: FleetSummary): void {
    const scored = this.#scored;
    assert(scored !== undefined, "a slice is scored before it is judged");
    const startMs = this.#nextSliceMs;
    const { verdicts, fleetNats } = judgeClosedSlice(this.#watch, startMs, scored.rows, fleet);
    const regions = Object.keys(scored.inputs).toSorted();
    for (const verdict of verdicts) {
      const { segment, event } = verdict;
      const statistics = scored.rows.get(segment) ?? {
        segment,
        sliceStartMs: startMs,
        bidCount: 0,
      };
      this.#judged.push({ statistics, verdict, fleetNats, regions });
      if (event !== undefined) this.#noteEvent(event);
    }
    this.#scored = undefined;
    this.#nextSliceMs += this.#sliceMs;
  }

  /** Hands over what has to be committed; the shard counts it as stored from here on. */
  take(): ShardProgress {
    const segments = [...this.#watch.segments.values()].map((each) => this.#stored(each));
    const events = this.#events;
    this.#events = [];
    this.#judged = [];
    return {
      nextSliceMs: this.#nextSliceMs,
      fleet: bytesOf(this.#watch.fleet.state),
      segments,
      events,
    };
  }

  watched(segment: string): WatchedSegment | undefined {
    return this.#watch.segments.get(segment);
  }

  keepOf(segment: string): SegmentKeep {
    const keep = this.#keeps.get(segment);
    assert(keep !== undefined, "every watched segment has what is kept of it");
    return keep;
  }

  /** Sums over segments hang on their order, to the last bit: it is that of their names. */
  #watchNew(segments: readonly string[]): void {
    const added = segments.filter((segment) => !this.#watch.segments.has(segment));
    if (added.length === 0) return;
    for (const segment of added) {
      watchSegment(this.#watch, segment);
      this.#keeps.set(segment, this.#freshKeep());
    }
    const inOrder = [...this.#watch.segments].toSorted(([one], [other]) => (one < other ? -1 : 1));
    this.#watch.segments.clear();
    for (const [segment, watched] of inOrder) this.#watch.segments.set(segment, watched);
  }

  #freshKeep(): SegmentKeep {
    return {
      users: new RecentUsers(),
      snapshot: bytesOf(createBaseline().state),
      snapshotSliceMs: this.#nextSliceMs,
      isSnapshotStored: false,
      reviewed: {},
    };
  }

  #moveSnapshots(startMs: number): void {
    for (const { segment, track, baseline } of this.#watch.segments.values()) {
      const keep = this.keepOf(segment);
      const isQuiet = track.open === undefined && track.raisedSinceMs === undefined;
      if (!mayMoveSnapshot(keep.reviewed, isQuiet, startMs)) continue;
      keep.snapshot = bytesOf(baseline.state);
      keep.snapshotSliceMs = startMs;
      keep.isSnapshotStored = false;
      keep.reviewed = {};
    }
  }

  #noteEvent(event: FlagEvent): void {
    const { flag, kind } = event;
    const keep = this.keepOf(flag.segment);
    const flagId = flagIdOf(flag);
    const endMs = kind === "close" ? flag.endMs : undefined;
    const decision = keep.reviewed[flagId]?.decision ?? "none";
    const span = { startMs: flag.startMs, endMs, evidence: flag.evidence, decision };
    keep.reviewed = { ...keep.reviewed, [flagId]: span };
    this.#events.push(event);
  }

  #stored({ segment, baseline, track }: WatchedSegment): StoredSegment {
    const keep = this.keepOf(segment);
    const snapshot = keep.isSnapshotStored ? undefined : keep.snapshot;
    keep.isSnapshotStored = true;
    return {
      segment,
      baseline: bytesOf(baseline.state),
      users: keep.users.encode(),
      track,
      snapshot,
      snapshotSliceMs: keep.snapshotSliceMs,
      reviewed: keep.reviewed,
    };
  }
}

/** The fleet's baseline before its first slice, as it is stored. */
export function freshFleet(): Uint8Array {
  return bytesOf(createFleetBaseline().state);
}

function bytesOf(state: Float32Array): Uint8Array {
  return new Uint8Array(state.slice().buffer);
}
