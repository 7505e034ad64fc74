import { assert } from "../../shared/core/assert.ts";
import { type FleetSummary, mergeSummaries } from "../../shared/core/detector/fleet.ts";
import type { RegionProgress } from "../../shared/core/watch/closed-slices.ts";
import type { ClosedSlice } from "../../shared/core/watch/shard-watch.ts";
import type { DetectorStore, ShardSummary } from "../../shared/io/detector-store.ts";
import type { WorkerContext } from "../../shared/io/run-worker.ts";
import { windowUpsert } from "../../shared/io/segment-history.ts";
import type { SegmentSlices } from "../../shared/io/segment-slices.ts";
import { LeaseLostError } from "../../shared/io/shard-leases.ts";
import type { TableWriter } from "../../shared/io/table-writer.ts";
import { segmentShards } from "../../shared/names.ts";
import type { DetectorConfig } from "./config.ts";
import type { HeldShards, OwnShard } from "./held-shards.ts";
import { type LearnPorts, learnReviews } from "./learn-reviews.ts";
import { readSlices } from "./read-slices.ts";

export interface JudgePorts extends Omit<LearnPorts, "log"> {
  readonly store: DetectorStore;
  readonly slices: SegmentSlices;
  readonly windows: TableWriter;
  readonly own: HeldShards;
}

/** Shards of ours that stand at the same slice, and the slices that they can be judged in one go. */
interface Round {
  readonly shards: readonly OwnShard[];
  readonly fromMs: number;
  readonly untilMs: number;
  /** What the other shards say of the fleet, by slice. */
  readonly others: ReadonlyMap<number, readonly ShardSummary[]>;
}

/**
 * Judges closed slices in order. What rests on a summary is written after it, and what rests on a judged
 * slice in one commit a shard: a detector that dies at any point leaves what the next one comes to as well.
 */
export class SliceJudge {
  readonly #ports: JudgePorts;
  readonly #config: DetectorConfig;
  readonly #context: WorkerContext;

  constructor(ports: JudgePorts, config: DetectorConfig, context: WorkerContext) {
    this.#ports = ports;
    this.#config = config;
    this.#context = context;
  }

  /** Judges what it can of the slices before `closedUntilMs`; whether there was anything. */
  async judge(progress: readonly RegionProgress[], closedUntilMs: number): Promise<boolean> {
    const own = this.#ports.own.all();
    const fromMs = Math.min(...own.map(({ watch }) => watch.nextSliceMs));
    const shards = own.filter(({ watch }) => watch.nextSliceMs === fromMs);
    if (shards.length === 0 || fromMs >= closedUntilMs) return false;
    try {
      const round = await this.#plan(shards, fromMs, closedUntilMs);
      return await this.#run(round, progress);
    } catch (error) {
      await this.#ports.own.forget(shards, error);
      return true;
    }
  }

  async #plan(shards: readonly OwnShard[], fromMs: number, closedUntilMs: number): Promise<Round> {
    const { sliceMs, batchSlicesMax } = this.#config;
    const ahead = this.#ports.own.all().map(({ watch }) => watch.nextSliceMs);
    const untilMs = Math.min(
      closedUntilMs,
      fromMs + batchSlicesMax * sliceMs,
      ...ahead.filter((nextMs) => nextMs > fromMs),
    );
    const ours = new Set(shards.map(({ held }) => held.shard));
    const rest = Array.from({ length: segmentShards }, (_, shard) => shard).filter(
      (shard) => !ours.has(shard),
    );
    const found = await this.#ports.store.summaries(rest, fromMs, untilMs);
    const others = Map.groupBy(found, ({ sliceStartMs }) => sliceStartMs);
    let heardMs = fromMs;
    while (heardMs < untilMs && (others.get(heardMs)?.length ?? 0) === rest.length) {
      heardMs += sliceMs;
    }
    return {
      shards,
      fromMs,
      untilMs: Math.min(untilMs, Math.max(heardMs, fromMs + sliceMs)),
      others,
    };
  }

  async #run(round: Round, progress: readonly RegionProgress[]): Promise<boolean> {
    const { shards, fromMs, untilMs, others } = round;
    const { sliceMs } = this.#config;
    const { store, slices } = this.#ports;
    const nowMs = this.#context.clock.nowMs();
    const unscored = shards.filter(({ watch }) => !watch.isScored);
    const ports = { ...this.#ports, log: this.#context.log };
    for (const each of unscored) await learnReviews(each, ports, sliceMs);
    const read = await readSlices(
      shards,
      { fromMs, untilMs, sliceMs },
      { slices, progress, nowMs },
    );
    for (let startMs = fromMs; startMs < untilMs; startMs += sliceMs) {
      const index = (startMs - fromMs) / sliceMs;
      for (const each of shards) {
        if (!each.watch.isScored) this.#score(each, read.get(each.held.shard)?.[index]);
      }
      const fleet = fleetOf(shards, startMs, others.get(startMs) ?? []);
      if (fleet === undefined) {
        await store.insertSummaries(heldOf(shards), takeUnstored(shards));
        return false;
      }
      for (const { watch } of shards) watch.judge(fleet);
    }
    await this.#write(shards);
    this.#context.metrics.add("slices_judged", (untilMs - fromMs) / sliceMs);
    this.#context.metrics.set("next_slice_ms", untilMs);
    return true;
  }

  #score(shard: OwnShard, slice: ClosedSlice | undefined): void {
    assert(slice !== undefined, "every slice of a round is read");
    const summary = shard.watch.score(slice);
    const { startMs: sliceStartMs, inputs } = slice;
    if (shard.recorded.has(sliceStartMs)) return;
    const said = { shard: shard.held.shard, sliceStartMs, summary, inputs };
    shard.recorded.set(sliceStartMs, said);
    shard.unstored.push(said);
  }

  /** Summaries first, then what a repeat does not change, then the commits. */
  async #write(shards: readonly OwnShard[]): Promise<void> {
    const { store, windows, own } = this.#ports;
    const { metrics, clock } = this.#context;
    await store.insertSummaries(heldOf(shards), takeUnstored(shards));
    const judged = shards.flatMap(({ watch }) => watch.judged);
    await windows.upsert(judged.map((each) => windowUpsert(each, this.#config.sliceMs)));
    const startMs = clock.nowMs();
    await Promise.all(
      shards.map(async (shard) => {
        const taken = shard.watch.take();
        try {
          await store.commit(shard.held, taken, shard.learned);
        } catch (error) {
          if (!(error instanceof LeaseLostError)) throw error;
          await own.forget([shard], error);
          return;
        }
        shard.learned = [];
        const stale = [...shard.recorded.keys()].filter((slice) => slice < taken.nextSliceMs);
        for (const slice of stale) shard.recorded.delete(slice);
        metrics.add("flag_events", taken.events.length);
      }),
    );
    metrics.observe("commit_ms", clock.nowMs() - startMs);
  }
}

function heldOf(shards: readonly OwnShard[]) {
  return shards.map(({ held }) => held);
}

function takeUnstored(shards: readonly OwnShard[]): ShardSummary[] {
  return shards.flatMap((shard) => {
    const { unstored } = shard;
    shard.unstored = [];
    return unstored;
  });
}

/** The whole fleet's summary, added up in the order of the shards; undefined while some are not heard. */
function fleetOf(
  shards: readonly OwnShard[],
  startMs: number,
  others: readonly ShardSummary[],
): FleetSummary | undefined {
  const ours = shards.flatMap(({ recorded }) => recorded.get(startMs) ?? []);
  const all = [...ours, ...others].sort((one, other) => one.shard - other.shard);
  if (all.length < segmentShards) return undefined;
  return all.reduce((sum, { summary }) => mergeSummaries(sum, summary), {
    segments: 0,
    squaredRises: 0,
  });
}
