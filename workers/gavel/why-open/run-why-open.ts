import { REGIONS, type Region } from "../../../shared/core/auction/event.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import { explainWindow } from "../../../shared/core/window/explain-window.ts";
import { DEFAULT_WINDOW_CONFIG } from "../../../shared/core/window/window-shape.ts";
import { createBigQuery, createSpanner } from "../../../shared/io/google-clients.ts";
import { WatermarkBoard } from "../../../shared/io/watermark-board.ts";
import { databases, dataset, subscriptionOf } from "../../../shared/names.ts";
import type { Addresses } from "../addresses.ts";
import { readCommandLine, readOneOf, readWindowS } from "../command-line.ts";
import { reachSystem } from "../reach-system.ts";
import type { Streams } from "../streams.ts";
import { standingText } from "./standing-text.ts";

const USAGE = "usage: gavel why-open REGION START [--window SECONDS] [--json]";
const ARGUMENTS = {
  allowPositionals: true,
  options: { window: { type: "string" }, json: { type: "boolean" } },
} as const;

/** `gavel why-open us 2026-01-01T00:00:00Z`: what holds a window open; 0 also where nothing does. */
export async function runWhyOpen(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { region, startMs, windowS, isJson } = readArgs(args);
  const addresses = await reachSystem(["spanner", "bigqueryRest"]);
  const [stored, allowedLatenessMs] = await Promise.all([
    readBoard(addresses, region),
    readAllowedLateness(addresses, region),
  ]);
  const window = { region, startMs, windowS };
  const endMs = startMs + windowS * 1000;
  const nowMs = Date.now();
  const standing = explainWindow({ endMs, allowedLatenessMs }, stored, nowMs);
  stdout.write(isJson ? `${JSON.stringify(standing)}\n` : standingText(window, standing, nowMs));
  return 0;
}

function readArgs(args: readonly string[]) {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  // The two words of a window may be quoted as one.
  const [region, start, ...rest] = positionals.flatMap((word) => word.trim().split(/\s+/));
  if (region === undefined || start === undefined || rest.length > 0) throw new UsageError(USAGE);
  const startMs = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(start)
    ? Date.parse(start)
    : Number.NaN;
  if (Number.isNaN(startMs)) {
    throw new UsageError(`window start "${start}": give a time such as 2026-01-01T00:00:00Z`);
  }
  const windowS = readWindowS(values.window);
  return {
    region: readOneOf("region", region, REGIONS),
    startMs,
    windowS,
    isJson: values.json === true,
  };
}

async function readBoard({ project, spanner }: Addresses, region: Region) {
  const client = createSpanner(project, spanner);
  try {
    const instance = client.instance(databases.counts.instanceOf(region));
    const board = new WatermarkBoard(instance.database(databases.counts.name));
    const posted = await board.region(region);
    return { posted, keys: await board.keys(subscriptionOf("window", region).name) };
  } finally {
    await client.close();
  }
}

/** The allowed lateness that the region's workers count with; the usual one before they said. */
async function readAllowedLateness(addresses: Addresses, region: Region): Promise<number> {
  const bigquery = createBigQuery(addresses.project, addresses.bigqueryRest);
  const [rows] = await bigquery.query({
    query: `SELECT TIMESTAMP_DIFF(watermark, final_before, MILLISECOND) AS latenessMs
FROM \`${dataset.name}.region_watermarks\` WHERE region = @region`,
    params: { region },
  });
  const [row] = rows as { latenessMs: number }[]; // The query's only column.
  return row?.latenessMs ?? DEFAULT_WINDOW_CONFIG.allowedLatenessMs;
}
