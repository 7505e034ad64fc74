import { UsageError } from "../../../shared/core/errors.ts";
import { formatNanos } from "../../../shared/core/money.ts";
import { rfc3339Of } from "../../../shared/core/settlement/calendar.ts";
import type { BidMoment } from "../../../shared/core/settlement/explain-bid.ts";
import type { Settlement } from "../../../shared/core/settlement/settlement.ts";
import { settlementRowOf } from "../../../shared/core/settlement/settlement-row.ts";
import { readBidStory } from "../../../shared/io/bid-story.ts";
import { readCommandLine } from "../command-line.ts";
import type { Streams } from "../streams.ts";
import { withFinance } from "./open-finance.ts";

const USAGE = "usage: gavel explain BID_ID [--json]";
const ARGUMENTS = { allowPositionals: true, options: { json: { type: "boolean" } } } as const;

/** `gavel explain BID_ID`: every event, entry and decision of one bid; 1 where nobody heard of it. */
export async function runExplain(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const [bidId, ...rest] = positionals;
  if (bidId === undefined || rest.length > 0) throw new UsageError(USAGE);
  return await withFinance(async (finance) => {
    const story = await readBidStory(finance, bidId);
    if (story === undefined) {
      streams.stderr.write(
        `there is no bid "${bidId}": neither the ledger nor the archive of events holds it; ids are case-sensitive\n`,
      );
      return 1;
    }
    const { settlement, moments } = story;
    if (values.json === true) {
      const row = settlement === undefined ? null : settlementRowOf(settlement);
      const said = moments.map(({ atUs, ...moment }) => ({ at: rfc3339Of(atUs), ...moment }));
      streams.stdout.write(
        `${JSON.stringify({ bid_id: bidId, settlement: row, moments: said })}\n`,
      );
      return 0;
    }
    streams.stdout.write(`${headOf(bidId, settlement)}\n${moments.map(lineOf).join("")}`);
    return 0;
  });
}

function headOf(bidId: string, settlement: Settlement | undefined): string {
  if (settlement === undefined) return `${bidId}: nothing about its money has been settled`;
  const { state, disputeReasons, seat, region, currency, version } = settlement;
  const reasons = disputeReasons.length === 0 ? "" : ` (${disputeReasons.join(", ")})`;
  const amounts = [
    `won ${formatNanos(settlement.wonNanos)}`,
    `billed ${formatNanos(settlement.billedNanos)}`,
    `owed ${formatNanos(settlement.owedNanos)}`,
    `paid ${formatNanos(settlement.paidNanos)}`,
  ];
  return `${bidId}: ${state}${reasons}, ${amounts.join(", ")} ${currency}, seat ${seat}, region ${region}, version ${version}`;
}

function lineOf({ atUs, kind, region, said, delayMs }: BidMoment): string {
  const delay = delayMs === undefined ? "" : `+${seconds(delayMs)}`;
  return `${rfc3339Of(atUs)}  ${kind.padEnd(9)}  ${region.padEnd(4)}  ${delay.padStart(12)}  ${said}\n`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
