import type { Database } from "@google-cloud/spanner";
import { readBidStory } from "../../../shared/io/bid-story.ts";
import { readOpenDisputes } from "../../../shared/io/dispute-queries.ts";
import {
  readAccountBalances,
  readAging,
  readBreaches,
  readDiscrepantBids,
  readStateSums,
} from "../../../shared/io/finance-queries.ts";
import { LedgerReader } from "../../../shared/io/ledger-reader.ts";
import { databases } from "../../../shared/names.ts";
import { Feed } from "../server/feed.ts";
import type { Page, PageServices } from "../server/page.ts";
import { poll } from "../server/poll.ts";
import { StaleAnswers } from "../server/stale-answers.ts";
import { createResolve } from "./resolve.ts";
import { shapeStory } from "./shape-story.ts";

const SUMS_EVERY_MS = 2000;
const DISPUTES_EVERY_MS = 2000;
const STORIES_EVERY_MS = 1000;
const BREACHES_SHOWN = 20;
/** Of each currency. */
const AGING_SHOWN = 10;
const DISCREPANCIES_SHOWN = 10;
const DISPUTES_SHOWN = 50;
/** The archive's copy of an event may come after the ledger's: after so long a story is read anew. */
const STORY_FRESH_MS = 20_000;
/** Bids that are looked up for browsers at once; who asks for more is told so. */
const SOUGHT_MAX = 20;

/** Money: states, discrepancies, aging, balances, disputes, one bid's story. Its feed's parts: see each loop. */
export const financePage: Page = {
  name: "finance",
  about: /^.{1,128}$/u,
  openFeed: (services) => new FinanceFeed(services).start(),
  openActions: (services) => ({ resolve: createResolve(services, ledgerOf(services)) }),
};

function ledgerOf({ spanner }: PageServices): Database {
  const { instance, name } = databases.ledger;
  return spanner.instance(instance).database(name);
}

class FinanceFeed {
  readonly #services: PageServices;
  readonly #ledger: Database;
  readonly #feed = new Feed();
  readonly #stories = new StaleAnswers(STORY_FRESH_MS);

  constructor(services: PageServices) {
    this.#services = services;
    this.#ledger = ledgerOf(services);
  }

  start(): Feed {
    const to = { feed: this.#feed, context: this.#services.context };
    poll({ name: "BigQuery", everyMs: SUMS_EVERY_MS }, () => this.#readSums(), to);
    poll({ name: "Spanner ledger", everyMs: DISPUTES_EVERY_MS }, () => this.#readDisputes(), to);
    poll({ name: "bid stories", everyMs: STORIES_EVERY_MS }, () => this.#readStories(), to);
    return this.#feed;
  }

  /** Parts `states`, `breaches`, `discrepancies`, `aging` and `balances`, and `asOf` for each answer. */
  async #readSums(): Promise<void> {
    const { bigquery, context } = this.#services;
    const [states, breaches, discrepancies, aging, balances] = await Promise.all([
      readStateSums(bigquery),
      readBreaches(bigquery, BREACHES_SHOWN),
      readDiscrepantBids(bigquery, DISCREPANCIES_SHOWN),
      readAging(bigquery, AGING_SHOWN),
      readAccountBalances(bigquery),
    ]);
    this.#feed.set("states", states);
    this.#feed.set("breaches", { rows: breaches, most: BREACHES_SHOWN });
    this.#feed.set("discrepancies", { rows: discrepancies, most: DISCREPANCIES_SHOWN });
    this.#feed.set("aging", { rows: aging, most: AGING_SHOWN });
    this.#feed.set("balances", balances);
    this.#feed.set("asOf", context.clock.nowMs());
  }

  /** Part `disputes`. */
  async #readDisputes(): Promise<void> {
    const query = { seat: undefined, limit: DISPUTES_SHOWN };
    const rows = await readOpenDisputes(this.#ledger, query);
    this.#feed.set("disputes", { rows, most: DISPUTES_SHOWN });
  }

  /**
   * Part `story` of each bid that is asked about. The archive is searched for a bid only when the ledger
   * has another version of it than was shown, or long after: a search reads much.
   */
  async #readStories(): Promise<void> {
    const abouts = this.#feed.abouts();
    for (const bidId of abouts.slice(SOUGHT_MAX))
      this.#feed.set("soughtTooMany", SOUGHT_MAX, bidId);
    const sought = abouts.slice(0, SOUGHT_MAX);
    this.#stories.keepOnly(sought);
    if (sought.length === 0) return;
    const versions = await LedgerReader.with(this.#ledger, async (reader) => {
      return await reader.versions(sought);
    });
    const nowMs = this.#services.context.clock.nowMs();
    const stale = sought.filter((id) => {
      const isShown = this.#feed.holds("story", id);
      return !isShown || this.#stories.isStale(id, versions.get(id) ?? 0, nowMs);
    });
    await Promise.all(stale.map((bidId) => this.#readStory(bidId, nowMs)));
  }

  async #readStory(bidId: string, nowMs: number): Promise<void> {
    const { bigquery } = this.#services;
    const story = await readBidStory({ database: this.#ledger, bigquery }, bidId);
    this.#feed.set("story", shapeStory(bidId, story), bidId);
    this.#stories.note(bidId, story?.settlement?.version ?? 0, nowMs);
  }
}
