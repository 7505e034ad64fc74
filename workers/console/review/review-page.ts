import type { Database } from "@google-cloud/spanner";
import type { FlagRecord } from "../../../shared/core/review/flag-record.ts";
import { FlagBoard } from "../../../shared/io/flag-board.ts";
import { FlagEvidence } from "../../../shared/io/flag-evidence.ts";
import { ReviewStore } from "../../../shared/io/review-store.ts";
import { databases } from "../../../shared/names.ts";
import { Feed } from "../server/feed.ts";
import type { Page, PageServices } from "../server/page.ts";
import { poll } from "../server/poll.ts";
import { StaleAnswers } from "../server/stale-answers.ts";
import { createReviewActions } from "./review-actions.ts";
import { shapeSeries } from "./shape-series.ts";

const QUEUE_EVERY_MS = 1000;
const FLAG_EVERY_MS = 500;
const EVIDENCE_EVERY_MS = 500;
/** While a span goes on, its evidence does; each look reads the raw archive of the span. */
const EVIDENCE_FRESH_MS = 15_000;
const WAITING_SHOWN = 200;
const DECIDED_SHOWN = 30;
/** Flags that are looked up for browsers at once; who asks for more is told so. */
const SOUGHT_MAX = 20;

/** Flags of suspicious spans, and what a reviewer decides on by. Its feed's parts: see each loop. */
export const reviewPage: Page = {
  name: "review",
  about: /^.{1,256}$/u,
  openFeed: (services) => new ReviewFeed(services).start(),
  openActions: ({ context, ...services }) => {
    const database = flagsOf(services);
    return createReviewActions(new ReviewStore(database), new FlagBoard(database), context.clock);
  },
};

function flagsOf({ spanner }: Pick<PageServices, "spanner">): Database {
  const { instance, name } = databases.ledger;
  return spanner.instance(instance).database(name);
}

class ReviewFeed {
  readonly #services: PageServices;
  readonly #board: FlagBoard;
  readonly #reviews: ReviewStore;
  readonly #evidence: FlagEvidence;
  readonly #feed = new Feed();
  readonly #stale = new StaleAnswers(EVIDENCE_FRESH_MS);
  /** The flags that are asked about, as they were read last. */
  #sought: readonly FlagRecord[] = [];

  constructor(services: PageServices) {
    this.#services = services;
    const database = flagsOf(services);
    this.#board = new FlagBoard(database);
    this.#reviews = new ReviewStore(database);
    this.#evidence = new FlagEvidence(services.bigquery);
  }

  start(): Feed {
    const to = { feed: this.#feed, context: this.#services.context };
    poll({ name: "Spanner flags", everyMs: QUEUE_EVERY_MS }, () => this.#readQueue(), to);
    poll({ name: "Spanner flag", everyMs: FLAG_EVERY_MS }, () => this.#readFlags(), to);
    poll({ name: "BigQuery", everyMs: EVIDENCE_EVERY_MS }, () => this.#readEvidence(), to);
    return this.#feed;
  }

  /** Part `queue`: what waits for a person, and what people decided last. */
  async #readQueue(): Promise<void> {
    const [waiting, decided] = await Promise.all([
      this.#board.list({ states: ["open", "claimed"], limit: WAITING_SHOWN }),
      this.#board.list({ states: ["confirmed", "dismissed"], limit: DECIDED_SHOWN }),
    ]);
    this.#feed.set("queue", { waiting, decided, most: WAITING_SHOWN });
  }

  /** Part `flag` of each flag that is asked about: the flag and its history. */
  async #readFlags(): Promise<void> {
    const abouts = this.#feed.abouts();
    for (const id of abouts.slice(SOUGHT_MAX)) this.#feed.set("soughtTooMany", SOUGHT_MAX, id);
    const sought = abouts.slice(0, SOUGHT_MAX);
    this.#sought = await this.#board.find(sought);
    await Promise.all(
      this.#sought.map(async (record) => {
        const history = await this.#reviews.history(record.flagId);
        this.#feed.set("flag", { record, history }, record.flagId);
      }),
    );
    const known = new Set(this.#sought.map(({ flagId }) => flagId));
    for (const id of sought) if (!known.has(id)) this.#feed.set("flag", { record: null }, id);
  }

  /** Part `evidence` of each flag that is asked about, anew as its span grows. */
  async #readEvidence(): Promise<void> {
    const nowMs = this.#services.context.clock.nowMs();
    this.#stale.keepOnly(this.#sought.map(({ flagId }) => flagId));
    const stale = this.#sought.filter(({ flagId, flag }) => {
      const isShown = this.#feed.holds("evidence", flagId);
      return !isShown || this.#stale.isStale(flagId, flag.endMs, nowMs);
    });
    for (const record of stale) await this.#readEvidenceOf(record, nowMs);
  }

  async #readEvidenceOf({ flagId, flag }: FlagRecord, nowMs: number): Promise<void> {
    const evidence = this.#evidence;
    const [series, users, seats, publishers, prices, money, similar] = await Promise.all([
      evidence.series(flag),
      evidence.topNames(flag, "user"),
      evidence.topNames(flag, "seat"),
      evidence.topNames(flag, "publisher"),
      evidence.priceHistogram(flag),
      evidence.moneyAtStake(flag),
      evidence.similar(flag, flag.reasons[0]?.code ?? ""),
    ]);
    const names = { users, seats, publishers };
    const shown = { flagId, series: shapeSeries(series), ...names, prices, money, similar };
    this.#feed.set("evidence", shown, flagId);
    this.#stale.note(flagId, flag.endMs, nowMs);
  }
}
