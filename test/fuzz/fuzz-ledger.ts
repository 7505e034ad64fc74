import { env } from "node:process";
import { runDispute } from "../../workers/gavel/finance/run-dispute.ts";
import { prng } from "../support/prng.ts";
import { noticeRequest, signedAnew } from "./forged-notices.ts";
import {
  balanceDifferences,
  balancesOf,
  type LedgerState,
  unbalancedCurrencies,
} from "./ledger-state.ts";
import { LedgerWorld } from "./ledger-world.ts";
import {
  type AttackedBid,
  attackedBid,
  NoticeAttacker,
  paymentsOf,
  winOf,
} from "./notice-attack.ts";

/** What a run came to; all but the counts is empty where the ledger stood. */
export interface LedgerFuzzReport {
  readonly bids: number;
  /** Bids that were contradicted with the exchange's own key. */
  readonly contradicted: number;
  readonly notices: number;
  /** Answers by what was done to the notice, and by status. */
  readonly answers: Readonly<Record<string, Readonly<Record<number, number>>>>;
  readonly seconds: number;
  /** Notices that were answered otherwise than by their kind. */
  readonly misjudged: readonly string[];
  /** Bids that changed though nobody contradicted them; and those that should be disputed, at zero. */
  readonly changed: readonly string[];
  readonly undisputed: readonly string[];
  /** Balances that differ from those before, less what the contradicted bids had posted. */
  readonly balances: readonly string[];
  /** Balances that differ from those before once people held to what was said first. */
  readonly balancesResolved: readonly string[];
  /** What the audits found, and currencies whose trial balance was not zero at any of the three looks. */
  readonly findings: readonly object[];
  readonly unbalanced: readonly string[];
}

const CONNECTIONS = 16;
const PAYMENTS_TOGETHER = 100;
const SHOWN = 10;
/** Two bids for each way to contradict one. */
const CONTRADICTED_MIN = 8;

/**
 * Settles `bids` bids through ingest, then sends `notices` forged, replayed, altered, foreign and
 * contradicting ones, and looks at the ledger before, after, and once each dispute is resolved in favour
 * of what was said first.
 */
export async function fuzzLedger(options: {
  readonly notices: number;
  readonly bids: number;
  readonly seed: number;
}): Promise<LedgerFuzzReport> {
  const world = await LedgerWorld.start(CONNECTIONS);
  try {
    const bids = Array.from({ length: options.bids }, (_, number) => attackedBid(number));
    const contradicted = bids.slice(0, Math.max(CONTRADICTED_MIN, Math.ceil(bids.length / 10)));
    await settleHonestly(world, bids);
    const before = await world.settled();
    const attacker = new NoticeAttacker(prng(options.seed), bids, contradicted.length);
    const attacked = await attack(world, attacker, options.notices);
    const after = await world.settled();
    Object.assign(env, world.environment);
    for (const bid of contradicted) {
      if (isDisputedAtZero(after, bid.bidId)) await holdToTheFirst(bid, after);
    }
    const resolved = await world.settled();
    const states = [before, after, resolved];
    const disputed = new Set(contradicted.map(({ bidId }) => bidId));
    return {
      bids: before.bids.size,
      contradicted: contradicted.length,
      notices: options.notices,
      ...attacked,
      changed: changedBids(before, after, disputed),
      undisputed: [...disputed].filter((bidId) => !isDisputedAtZero(after, bidId)),
      balances: balanceDifferences(balancesWithout(before, disputed), after.balances),
      balancesResolved: balanceDifferences(before.balances, resolved.balances),
      findings: states.flatMap(({ findings }) => findings),
      unbalanced: states.flatMap(({ balances }) => unbalancedCurrencies(balances)),
    };
  } finally {
    await world.stop();
  }
}

async function settleHonestly(world: LedgerWorld, bids: readonly AttackedBid[]): Promise<void> {
  const requests = bids.map((bid) => noticeRequest(winOf(bid), "GET"));
  for (let from = 0; from < bids.length; from += PAYMENTS_TOGETHER) {
    requests.push(paymentsOf(bids.slice(from, from + PAYMENTS_TOGETHER)));
  }
  for (const request of requests) {
    const { status, document } = await world.send(signedAnew(request, "us-1"));
    if (status !== 200)
      throw new Error(`an honest notice was answered ${status}: ${JSON.stringify(document)}`);
  }
}

async function attack(world: LedgerWorld, attacker: NoticeAttacker, count: number) {
  const answers: Record<string, Record<number, number>> = {};
  const misjudged: string[] = [];
  const startMs = Date.now();
  let sent = 0;
  const lane = async (): Promise<void> => {
    while (sent < count) {
      sent++;
      const attempt = attacker.next();
      const { kind, isHonest } = attempt;
      const { status } = await world.send(attempt.request);
      const tally = answers[kind] ?? {};
      answers[kind] = { ...tally, [status]: (tally[status] ?? 0) + 1 };
      if (status === 200) attacker.noteTaken(attempt);
      if (isHonest !== (status === 200) && misjudged.length < SHOWN)
        misjudged.push(`${kind}: ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  return { answers, misjudged, seconds: (Date.now() - startMs) / 1000 };
}

/** Resolves a dispute by the command line, in favour of the win and the payment that came first. */
async function holdToTheFirst(bid: AttackedBid, { bids }: LedgerState): Promise<void> {
  const { bidId, number, seat, priceNanos, currency } = bid;
  const say = `${currency}|${priceNanos}|${seat.length}|${seat}`;
  const first = [`${say}|win:${bidId}`, `${say}|payment:p${number}`];
  const others = (bids.get(bidId)?.claims ?? []).filter((key) => !first.includes(key));
  const silent = { write: () => true };
  const said: string[] = [];
  const stderr = { write: (text: string) => said.push(text) };
  const args = [
    ...["resolve", bidId, "--by", "fuzz", "--reason", "what was said first stands"],
    ...first.flatMap((key) => ["--accept", key]),
    ...others.flatMap((key) => ["--reject", key]),
  ];
  const code = await runDispute(args, { stdout: silent, stderr });
  if (code !== 0) throw new Error(`gavel dispute ${args.join(" ")}: ${said.join("")}`);
}

function changedBids(
  before: LedgerState,
  after: LedgerState,
  disputed: ReadonlySet<string>,
): string[] {
  const bidIds = new Set([...before.bids.keys(), ...after.bids.keys()]);
  return [...bidIds].filter(
    (bidId) => !disputed.has(bidId) && before.bids.get(bidId)?.text !== after.bids.get(bidId)?.text,
  );
}

function isDisputedAtZero({ bids }: LedgerState, bidId: string): boolean {
  const bid = bids.get(bidId);
  return bid?.state === "disputed" && bid.posted.length === 0;
}

function balancesWithout({ bids }: LedgerState, left: ReadonlySet<string>): Map<string, bigint> {
  const kept = [...bids].filter(([bidId]) => !left.has(bidId));
  return balancesOf(kept.flatMap(([, { posted }]) => posted));
}
