import type { BigQuery } from "@google-cloud/bigquery";
import type { Spanner } from "@google-cloud/spanner";
import type { WorkerContext } from "../../../shared/io/run-worker.ts";
import type { ConsoleConfig } from "../config.ts";
import type { Action } from "./action.ts";
import type { Feed } from "./feed.ts";

/** What a page's feed reads from and its actions write to. */
export interface PageServices {
  readonly config: ConsoleConfig;
  readonly bigquery: BigQuery;
  readonly spanner: Spanner;
  readonly context: WorkerContext;
}

/**
 * One page of the console: its name is its path, its module `public/pages/<name>.js`, and its feed is
 * served at `/feeds/<name>`.
 */
export interface Page {
  readonly name: string;
  /** What a browser may ask about (`?about=`); a text that does not match is refused. */
  readonly about: RegExp;
  openFeed(services: PageServices): Feed;
  /** What people may do on the page: each is a POST to `/actions/<name>/<action>`. */
  openActions?(services: PageServices): Readonly<Record<string, Action>>;
}
