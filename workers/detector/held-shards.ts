import { messageOf, RetryableError } from "../../shared/core/errors.ts";
import type { BaselineTask } from "../../shared/core/watch/learn-review.ts";
import { ShardWatch } from "../../shared/core/watch/shard-watch.ts";
import { shareShards } from "../../shared/core/watch/share-shards.ts";
import type { DetectorStore, ShardSummary } from "../../shared/io/detector-store.ts";
import type { WorkerContext } from "../../shared/io/run-worker.ts";
import type { HeldShard, ShardLeases } from "../../shared/io/shard-leases.ts";
import { LeaseLostError } from "../../shared/io/shard-leases.ts";
import type { DetectorConfig } from "./config.ts";

/** A shard that this detector writes: its lease, its state, and what is not committed of it. */
export interface OwnShard {
  readonly held: HeldShard;
  readonly watch: ShardWatch;
  /** Summaries that are stored of slices not judged yet, by slice: an earlier holder's or our own. */
  readonly recorded: Map<number, ShardSummary>;
  /** Summaries that are not stored yet. */
  unstored: ShardSummary[];
  /** Tasks that the baselines have learned since the last commit. */
  learned: BaselineTask[];
}

const END_OF_TIME_MS = Date.UTC(9999, 0, 1);

/** The shards that this detector holds: takes its fair share, renews it, lets go of what is too much. */
export class HeldShards {
  readonly #leases: ShardLeases;
  readonly #store: DetectorStore;
  readonly #config: DetectorConfig;
  readonly #self: string;
  readonly #context: WorkerContext;
  readonly #own = new Map<number, OwnShard>();
  #isMoving = false;

  constructor(
    ports: { readonly leases: ShardLeases; readonly store: DetectorStore },
    config: DetectorConfig,
    self: string,
    context: WorkerContext,
  ) {
    this.#leases = ports.leases;
    this.#store = ports.store;
    this.#config = config;
    this.#self = self;
    this.#context = context;
  }

  /** In the order of their numbers. */
  all(): OwnShard[] {
    return [...this.#own.values()].sort((one, other) => one.held.shard - other.held.shard);
  }

  /** Renews, takes and gives back, unless that is under way. A failure is made up for by the next call. */
  async keep(): Promise<void> {
    if (this.#isMoving) return;
    this.#isMoving = true;
    try {
      await this.#move();
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      this.#context.log.warn("leases not renewed", { reason: messageOf(error) });
    } finally {
      this.#isMoving = false;
      this.#context.metrics.set("shards_held", this.#own.size);
    }
  }

  /**
   * Forgets shards whose state in memory is not what is stored: they are taken again, under a new token,
   * as they stand. Anything but a lost lease or a failure that may pass is thrown on.
   */
  async forget(shards: readonly OwnShard[], error: unknown): Promise<void> {
    if (!(error instanceof RetryableError || error instanceof LeaseLostError)) throw error;
    const reason = messageOf(error);
    this.#context.log.warn("shards are taken again", { shards: shards.length, reason });
    this.#context.metrics.add("shards_forgotten", shards.length);
    await this.#giveBack(shards);
  }

  /** Gives all shards back, so that nobody waits for the leases to end. */
  async release(): Promise<void> {
    await this.#giveBack(this.all());
  }

  async #giveBack(shards: readonly OwnShard[]): Promise<void> {
    for (const { held } of shards) this.#own.delete(held.shard);
    if (shards.length === 0) return;
    const held = shards.map((each) => each.held);
    await this.#leases.hold(held, 0).catch((error: unknown) => {
      this.#context.log.warn("leases not given back", { reason: messageOf(error) });
    });
  }

  async #move(): Promise<void> {
    const { clock, log } = this.#context;
    const nowMs = clock.nowMs();
    const untilMs = nowMs + this.#config.leaseMs;
    const { alive, leases } = await this.#leases.meet(untilMs, nowMs);
    const own = this.all();
    const lost = own.length === 0 ? [] : await this.#renew(own, untilMs);
    for (const shard of lost) this.#own.delete(shard);
    const { acquire, release } = shareShards(leases, alive, { self: this.#self, nowMs });
    await this.#giveBack(this.all().filter(({ held }) => release.includes(held.shard)));
    for (const shard of acquire) {
      if (this.#own.has(shard)) continue;
      const held = await this.#leases.acquire(shard, untilMs, nowMs);
      if (held === undefined) continue;
      this.#own.set(shard, await this.#open(held));
      log.info("shard taken", { shard, token: held.token, next_slice_ms: held.nextSliceMs });
    }
  }

  #renew(own: readonly OwnShard[], untilMs: number): Promise<number[]> {
    return this.#leases.hold(
      own.map(({ held }) => held),
      untilMs,
    );
  }

  async #open(held: HeldShard): Promise<OwnShard> {
    const { sliceMs, threshold } = this.#config;
    const { shard, nextSliceMs } = held;
    const watch = new ShardWatch({ sliceMs, threshold, nextSliceMs }, held.fleet);
    for (const stored of await this.#store.segments(shard)) {
      if (watch.restore(stored) === "restored") continue;
      this.#context.log.warn("baseline of another layout: learns anew", {
        segment: stored.segment,
      });
    }
    const recorded = await this.#store.summaries([shard], nextSliceMs, END_OF_TIME_MS);
    const bySlice = new Map(recorded.map((each) => [each.sliceStartMs, each]));
    return { held, watch, recorded: bySlice, unstored: [], learned: [] };
  }
}
