import { UsageError } from "../../../shared/core/errors.ts";
import { challengeOf } from "../../../shared/core/settlement/reconcile-bid.ts";
import type { ChallengeEvent } from "../../../shared/core/settlement/settlement-event.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { reconcile, type UnreconciledBid } from "../../../shared/io/reconcile.ts";
import { settleReviews } from "../../../shared/io/settle-reviews.ts";
import { readCommandLine } from "../command-line.ts";
import type { Streams } from "../streams.ts";
import { withFinance } from "./open-finance.ts";
import { openReviewPorts } from "./review-ports.ts";

const USAGE = "usage: gavel reconcile [--grace SECONDS] [--dispute] [--json]";
const ARGUMENTS = {
  options: {
    grace: { type: "string", default: "60" },
    dispute: { type: "boolean" },
    json: { type: "boolean" },
  },
} as const;
/** Challenges settled in one transaction. */
const CHALLENGES_TOGETHER = 200;

/**
 * `gavel reconcile`: every difference between the raw archive, the ledger and BigQuery; 1 where there is
 * one. With `--dispute`, wins that the archive does not bear out become disputed.
 */
export async function runReconcile(args: readonly string[], streams: Streams): Promise<number> {
  const { values } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  if (!/^\d{1,6}$/.test(values.grace)) {
    throw new UsageError(`--grace "${values.grace}": give seconds that a notice may be on its way`);
  }
  const nowUs = systemClock.nowMs() * 1000;
  const untilUs = nowUs - Number(values.grace) * 1_000_000;
  return await withFinance(async (finance) => {
    const challenges: ChallengeEvent[] = [];
    let differences = 0;
    let counts = { bids: 0, pending: 0 };
    for await (const found of reconcile(finance, untilUs)) {
      if ("bids" in found) counts = found;
      else {
        differences += found.differences.length;
        streams.stdout.write(linesOf(found, values.json === true));
        if (values.dispute === true) challenges.push(...challengesOf(found, nowUs));
      }
    }
    if (challenges.length > 0) {
      const ports = await openReviewPorts(finance);
      for (let from = 0; from < challenges.length; from += CHALLENGES_TOGETHER) {
        await settleReviews(ports, challenges.slice(from, from + CHALLENGES_TOGETHER));
      }
      streams.stderr.write(`${challenges.length} bids disputed: gavel dispute list\n`);
    }
    const { bids, pending } = counts;
    streams.stderr.write(
      `${bids} bids compared, ${differences} differences; ${pending} notices and rows of the last ${values.grace} s on their way, not judged\n`,
    );
    return differences === 0 ? 0 : 1;
  });
}

function linesOf({ differences }: UnreconciledBid, isJson: boolean): string {
  return differences
    .map((difference) => {
      if (isJson) return `${JSON.stringify(difference)}\n`;
      const { kind, bidId, subject, expected, found } = difference;
      return `${kind} ${bidId}: ${subject}: expected ${expected}, found ${found}\n`;
    })
    .join("");
}

function challengesOf(
  { settlement, differences }: UnreconciledBid,
  nowUs: number,
): ChallengeEvent[] {
  if (settlement === undefined) return [];
  const raised = differences.map((difference) => challengeOf(difference, settlement, nowUs));
  return raised.filter((challenge) => challenge !== undefined).slice(0, 1);
}
