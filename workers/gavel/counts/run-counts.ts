import { UsageError } from "../../../shared/core/errors.ts";
import { createBigQuery } from "../../../shared/io/google-clients.ts";
import { dataset } from "../../../shared/names.ts";
import { readCommandLine, readWindowS } from "../command-line.ts";
import { plainRow } from "../query/plain-value.ts";
import { readFormat } from "../query/run-query.ts";
import { writeRows } from "../query/write-rows.ts";
import { reachSystem } from "../reach-system.ts";
import type { Streams } from "../streams.ts";

const USAGE = "usage: gavel counts --auction ID [--window SECONDS] [--json | --csv]";
const ARGUMENTS = {
  options: {
    auction: { type: "string" },
    window: { type: "string" },
    json: { type: "boolean" },
    csv: { type: "boolean" },
  },
} as const;
const columns = [
  "window_start",
  "window_end",
  "window_slide_s",
  "bid_count",
  "price_sum",
  "price_min",
  "price_max",
  "revision",
  "is_final",
];

/** `gavel counts`: an auction's windows of one size, oldest first; 1 where it was never counted. */
export async function runCounts(
  args: readonly string[],
  { stdout, stderr }: Streams,
): Promise<number> {
  const { values } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const { auction } = values;
  if (auction === undefined || auction === "") throw new UsageError(USAGE);
  const [windowS, format] = [readWindowS(values.window), readFormat(values)];
  const addresses = await reachSystem(["bigqueryRest"]);
  const bigquery = createBigQuery(addresses.project, addresses.bigqueryRest);
  const [rows] = await bigquery.query({
    query: `SELECT ${columns.join(", ")} FROM \`${dataset.name}.auction_windows\`
WHERE auction_id = @auction AND window_size_s = @windowS ORDER BY window_start, window_slide_s`,
    params: { auction, windowS },
  });
  if (rows.length === 0) {
    stderr.write(`auction "${auction}": no bid of it was counted in a window of ${windowS} s\n`);
    return 1;
  }
  stdout.write(writeRows(rows.map(plainRow), columns, format));
  return 0;
}
