import { randomUUID } from "node:crypto";
import { UsageError } from "../../../shared/core/errors.ts";
import type { ResolutionRequest } from "../../../shared/core/settlement/propose-resolution.ts";
import { alignedOf } from "../../../shared/core/settlement/report-table.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { type OpenDispute, readOpenDisputes } from "../../../shared/io/dispute-queries.ts";
import { LedgerReader } from "../../../shared/io/ledger-reader.ts";
import { type ResolvedDispute, resolveDispute } from "../../../shared/io/settle-reviews.ts";
import { readCommandLine } from "../command-line.ts";
import type { Streams } from "../streams.ts";
import { withFinance } from "./open-finance.ts";
import { readReviewer } from "./read-reviewer.ts";
import { openReviewPorts } from "./review-ports.ts";

const USAGE = `usage: gavel dispute list [--seat SEAT] [--limit N] [--json]
       gavel dispute resolve BID_ID (--accept CLAIM... | --write-off) [--reject CLAIM...] --by NAME --reason TEXT`;
const ARGUMENTS = {
  allowPositionals: true,
  options: {
    seat: { type: "string" },
    limit: { type: "string", default: "100" },
    json: { type: "boolean" },
    accept: { type: "string", multiple: true },
    reject: { type: "string", multiple: true },
    "write-off": { type: "boolean" },
    by: { type: "string" },
    reason: { type: "string" },
  },
} as const;
const LIMIT_MAX = 100_000;

/** `gavel dispute`: the bids that wait for a person, and that person's decision. */
export async function runDispute(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const [verb, bidId, ...rest] = positionals;
  if (verb === "list" && bidId === undefined) return await list(values, streams);
  if (verb !== "resolve" || bidId === undefined || rest.length > 0) throw new UsageError(USAGE);
  const accept = values.accept ?? [];
  const isWriteOff = values["write-off"] === true;
  if (accept.length > 0 === isWriteOff) {
    throw new UsageError(`say what stands: --accept CLAIM, or --write-off.\n${USAGE}`);
  }
  const request: ResolutionRequest = {
    ...readReviewer(values, USAGE),
    resolutionId: randomUUID(),
    eventTimeUs: systemClock.nowMs() * 1000,
    choice: isWriteOff ? "writeOff" : "accept",
    accept,
    reject: values.reject ?? [],
  };
  return await resolve(bidId, request, streams);
}

async function resolve(
  bidId: string,
  request: ResolutionRequest,
  streams: Streams,
): Promise<number> {
  const resolved = await withFinance(
    async (finance) => {
      const ports = await openReviewPorts(finance);
      const seen = await LedgerReader.with(finance.database, (reader) => reader.bid(bidId));
      return await resolveDispute(seen, ports, request);
    },
    ["spanner"],
  );
  const isDone = resolved.kind === "resolved";
  (isDone ? streams.stdout : streams.stderr).write(`${said(bidId, resolved)}\n`);
  return isDone ? 0 : 1;
}

function said(bidId: string, resolved: ResolvedDispute): string {
  switch (resolved.kind) {
    case "resolved":
      return `${bidId} is ${resolved.settlement.state}, version ${resolved.settlement.version}`;
    case "unknownBid":
      return `there is no settlement of a bid "${bidId}"; ids are case-sensitive`;
    case "changed":
      return `${bidId} has changed meanwhile, to version ${resolved.version}: look at it again with gavel explain ${bidId}`;
    case "notDisputed":
      return `${bidId} is not disputed: there is nothing to resolve`;
    case "unknownClaim":
      return `${bidId} has no claim "${resolved.key}": gavel explain ${bidId} lists them`;
    case "stillDisputed":
      return `${bidId} would stay disputed (${resolved.reasons.join(", ")}): accept or reject more of its claims; gavel explain ${bidId} lists them`;
  }
}

async function list(
  { seat, limit, json }: { seat?: string; limit: string; json?: boolean },
  streams: Streams,
): Promise<number> {
  const most = Number(limit);
  if (!/^\d{1,6}$/.test(limit) || most < 1 || most > LIMIT_MAX) {
    throw new UsageError(`--limit "${limit}": give 1 to ${LIMIT_MAX}`);
  }
  const disputes = await withFinance(
    async ({ database }) => await readOpenDisputes(database, { seat, limit: most }),
    ["spanner"],
  );
  if (json === true) {
    for (const dispute of disputes) streams.stdout.write(`${JSON.stringify(dispute)}\n`);
  } else streams.stdout.write(alignedOf(tableOf(disputes)));
  const more = disputes.length === most ? " shown, there may be more: raise --limit" : " open";
  streams.stderr.write(`${disputes.length} disputes${more}\n`);
  return 0;
}

function tableOf(disputes: readonly OpenDispute[]) {
  const column = (name: string, kind: "text" | "amount" = "text") => ({ name, kind });
  return {
    columns: [
      ...[column("bid_id"), column("seat"), column("at_stake", "amount"), column("currency")],
      ...[column("reasons"), column("since")],
    ],
    rows: disputes.map((each) => [
      ...[each.bid_id, each.seat, each.at_stake, each.currency],
      ...[each.reasons.join(" "), each.committed_at],
    ]),
    totals: [],
  };
}
