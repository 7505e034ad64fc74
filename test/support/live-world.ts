import type { BigQuery } from "@google-cloud/bigquery";
import type { Database } from "@google-cloud/spanner";
import { alignDown, MINUTE_MS } from "../../shared/core/time.ts";
import { Random } from "../../shared/core/traffic/random.ts";
import { WatermarkBoard } from "../../shared/io/watermark-board.ts";
import {
  databases,
  localProject,
  type RegionName,
  segmentShards,
  subscriptionOf,
} from "../../shared/names.ts";
import type { Child } from "../../workers/gavel/start/children.ts";
import { startDetector } from "./detector-world.ts";
import { BIDS_A_MINUTE, bidsOf, honestBids, storeMinute } from "./segment-bids.ts";
import { until } from "./until.ts";
import { startWarmWorld, type WarmWorld } from "./warm-world.ts";

const MINUTES_MAX = 600;

/** A warm world with one detector, whose window workers are played: minutes are counted as a test says. */
export class LiveWorld {
  readonly world: WarmWorld;
  readonly startMs: number;
  readonly detector: Child;
  readonly bigquery: BigQuery;
  readonly ledger: Database;
  readonly #random: Random;
  /** Where the next minute begins. */
  nextMs: number;

  private constructor(world: WarmWorld, startMs: number, random: Random, detector: Child) {
    this.world = world;
    this.startMs = startMs;
    this.nextMs = startMs;
    this.detector = detector;
    this.#random = random;
    this.bigquery = world.emulators.bigquery();
    const { ledger } = databases;
    this.ledger = world.spanner.instance(ledger.instance).database(ledger.name);
  }

  static async start(variables: Readonly<Record<string, string>>): Promise<LiveWorld> {
    const startMs = alignDown(Date.now(), MINUTE_MS) - MINUTES_MAX * MINUTE_MS;
    const random = new Random(4);
    const world = await startWarmWorld(startMs, random);
    const detector = startDetector("live-detector", world.emulators.environment, variables);
    return new LiveWorld(world, startMs, random, detector);
  }

  /** Has these regions count minutes of honest bids; `flooded` segments have bots' bids besides. */
  async count(
    minutes: number,
    { regions, flooded = [] }: { regions: readonly RegionName[]; flooded?: readonly number[] },
  ): Promise<void> {
    for (let left = minutes; left > 0; left--) {
      const minuteMs = this.nextMs;
      const random = this.#random;
      const bids = honestBids(minuteMs, random);
      for (const segment of flooded) {
        bids.push(...bidsOf(segment, 6 * BIDS_A_MINUTE, { minuteMs, random, users: 3 }));
      }
      await storeMinute(this.world.spanner, bids, { minuteMs, regions });
      this.nextMs += MINUTE_MS;
    }
  }

  /** Moves a region's watermark, and one of its keys. */
  async post(region: RegionName, watermarkMs: number): Promise<void> {
    const { counts } = databases;
    const instance = this.world.spanner.instance(counts.instanceOf(region));
    const board = new WatermarkBoard(instance.database(counts.name));
    await board.post(subscriptionOf("window", region).name, [[`${region}/1`, watermarkMs]]);
    await board.raise(region, { watermarkMs, heldBy: `${region}/1`, activeKeys: 1 });
  }

  /** Cuts a region's database off, or all of them off no more. */
  async cutOff(region: RegionName | undefined): Promise<void> {
    const { control } = this.world.emulators;
    if (region === undefined) return await control("DELETE", "/spanner/faults");
    const { instanceOf, name } = databases.counts;
    const target = `projects/${localProject}/instances/${instanceOf(region)}/databases/${name}`;
    await control("POST", "/spanner/faults", { kind: "cutOff", target, probability: 1 });
  }

  /** Waits until the detector holds every shard, which it takes once anything is counted. */
  async watching(): Promise<void> {
    await until(() => this.detector.metrics?.gauges["shards_held"] === segmentShards);
  }

  /** Moves the watermarks of these regions to the end of what is counted, and waits for the verdicts. */
  async judge(regions: readonly RegionName[]): Promise<void> {
    for (const region of regions) await this.post(region, this.nextMs);
    await until(async () => (await this.judgedUntilMs()) >= this.nextMs);
  }

  /** How far every shard is judged. */
  async judgedUntilMs(): Promise<number> {
    const [rows] = await this.ledger
      .table("DetectorShards")
      .read({ columns: ["next_slice"], ranges: [{ startClosed: [], endClosed: [] }], json: true });
    return Math.min(...(rows as { next_slice: Date }[]).map(({ next_slice: at }) => at.getTime()));
  }

  async query(query: string): Promise<Record<string, unknown>[]> {
    const [rows] = await this.bigquery.query(query);
    return rows;
  }

  async close(): Promise<void> {
    await this.detector.stop();
    await this.world.close();
  }
}
