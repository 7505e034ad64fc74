import { userInfo } from "node:os";
import { UsageError } from "../../../shared/core/errors.ts";
import {
  REVIEW_ACTIONS,
  REVIEW_STATES,
  type ReviewAction,
} from "../../../shared/core/review/decide-review.ts";
import { FlagBoard } from "../../../shared/io/flag-board.ts";
import { createSpanner } from "../../../shared/io/google-clients.ts";
import { ReviewStore } from "../../../shared/io/review-store.ts";
import { databases } from "../../../shared/names.ts";
import { readCommandLine, readOneOf } from "../command-line.ts";
import { reachSystem } from "../reach-system.ts";
import type { Streams } from "../streams.ts";
import { flagDetails, flagLines, historyLines } from "./flag-table.ts";
import { FLAGS_USAGE } from "./flags-usage.ts";

const ARGUMENTS = {
  options: {
    state: { type: "string", multiple: true },
    severity: { type: "string", multiple: true },
    segment: { type: "string" },
    limit: { type: "string" },
    json: { type: "boolean" },
    reason: { type: "string" },
    as: { type: "string" },
  },
  allowPositionals: true,
} as const;
const SEVERITIES = ["low", "medium", "high"] as const;
const LIMIT_DEFAULT = "50";
const LIMIT_MAX = 1000;

interface FlagStores {
  readonly board: FlagBoard;
  readonly reviews: ReviewStore;
}

/** `gavel flags`: lists suspicious spans, shows one, and takes a reviewer's decision: 0, or 1 if refused. */
export async function runFlags(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, usage());
  const [verb = "", flagId, ...rest] = positionals;
  const action = REVIEW_ACTIONS.find((each) => each === verb);
  const isList = verb === "list" && flagId === undefined;
  const isOne = action !== undefined || verb === "show" || verb === "history";
  if (rest.length > 0 || !(isList || (isOne && flagId !== undefined)))
    throw new UsageError(usage());
  const filter = {
    states: (values.state ?? []).map((word) => readOneOf("--state", word, REVIEW_STATES)),
    severities: (values.severity ?? []).map((word) => readOneOf("--severity", word, SEVERITIES)),
    segment: values.segment,
    limit: readLimit(values.limit ?? LIMIT_DEFAULT),
  };
  return await withStores(async (stores) => {
    if (flagId === undefined) {
      const states = filter.states.length === 0 ? undefined : filter.states;
      const records = await stores.board.list({ ...filter, states });
      streams.stdout.write(values.json ? `${JSON.stringify(records)}\n` : flagLines(records));
      return 0;
    }
    if (action !== undefined) {
      const request = {
        action,
        who: values.as ?? userInfo().username,
        reason: values.reason ?? "",
      };
      return await review(stores, flagId, request, streams);
    }
    const shown = await describe(stores, flagId, { verb, isJson: values.json === true });
    streams.stdout.write(shown);
    return 0;
  });
}

function usage(): string {
  return `usage: gavel ${FLAGS_USAGE}`;
}

async function review(
  { reviews }: FlagStores,
  flagId: string,
  request: { readonly action: ReviewAction; readonly who: string; readonly reason: string },
  streams: Streams,
): Promise<number> {
  const result = await reviews.review(flagId, request, { nowMs: Date.now() });
  if (result.kind === "unknownFlag") throw unknown(flagId);
  if (result.kind === "refused") {
    streams.stderr.write(`${request.action} refused: ${result.says}\n`);
    return 1;
  }
  const { review: after, version } = result.record;
  streams.stdout.write(`${flagId} is ${after.state}, version ${version}\n`);
  return 0;
}

async function describe(
  { board, reviews }: FlagStores,
  flagId: string,
  { verb, isJson }: { readonly verb: string; readonly isJson: boolean },
): Promise<string> {
  const [record] = await board.find([flagId]);
  if (record === undefined) throw unknown(flagId);
  const history = await reviews.history(flagId);
  if (verb === "history") return isJson ? `${JSON.stringify(history)}\n` : historyLines(history);
  return isJson
    ? `${JSON.stringify({ ...record, history })}\n`
    : `${flagDetails(record)}\n${historyLines(history)}`;
}

function unknown(flagId: string): UsageError {
  return new UsageError(`there is no flag "${flagId}": gavel flags list names them`);
}

async function withStores(run: (stores: FlagStores) => Promise<number>): Promise<number> {
  const { project, spanner } = await reachSystem(["spanner"]);
  const client = createSpanner(project, spanner);
  const { ledger } = databases;
  const database = client.instance(ledger.instance).database(ledger.name);
  try {
    return await run({ board: new FlagBoard(database), reviews: new ReviewStore(database) });
  } finally {
    await Promise.resolve(client.close());
  }
}

function readLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new UsageError(`--limit "${text}": give 1 to ${LIMIT_MAX}`);
}
