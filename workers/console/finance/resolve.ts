import { randomInt } from "node:crypto";
import type { Database } from "@google-cloud/spanner";
import type { ResolutionRequest } from "../../../shared/core/settlement/propose-resolution.ts";
import type { FinanceWriters } from "../../../shared/io/finance-upserts.ts";
import { type LedgerBid, LedgerReader } from "../../../shared/io/ledger-reader.ts";
import {
  type ResolvedDispute,
  type ReviewPorts,
  resolveDispute,
} from "../../../shared/io/settle-reviews.ts";
import { SettlementStore } from "../../../shared/io/settlement-store.ts";
import { TableWriter } from "../../../shared/io/table-writer.ts";
import { createWriterClient } from "../../../shared/io/writer-client.ts";
import { balanceShards, dataset } from "../../../shared/names.ts";
import { tableOf } from "../../../shared/schema/warehouse.ts";
import type { ConsoleConfig } from "../config.ts";
import { type Action, type ActionAnswer, answer } from "../server/action.ts";
import type { PageServices } from "../server/page.ts";
import { readResolution } from "./read-resolution.ts";

/** Resolves a dispute as a person chose, unless the bid has changed since that person saw it. */
export function createResolve(
  { config, context: { clock } }: PageServices,
  database: Database,
): Action {
  const shard = randomInt(balanceShards);
  const store = new SettlementStore(database, { rules: config.settlementRules, shard });
  let opening: Promise<FinanceWriters> | undefined;
  const openWriters = async (): Promise<FinanceWriters> => {
    opening ??= openFinanceWriters(config);
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  return async (fields, who) => {
    const { bidId, version, request } = readResolution(fields, who, clock.nowMs());
    const ports = { store, writers: await openWriters(), clock, random: Math.random };
    const bid = await LedgerReader.with(database, (reader) => reader.bid(bidId));
    const resolved = await resolveSeen(bid, version, { ports, request });
    return answerOf({ bidId, version }, request, resolved);
  };
}

/** The person saw one version: where the bid has another by now, nothing is decided. */
async function resolveSeen(
  bid: LedgerBid | undefined,
  seenVersion: number,
  { ports, request }: { readonly ports: ReviewPorts; readonly request: ResolutionRequest },
): Promise<ResolvedDispute> {
  const version = bid?.settlement.version ?? seenVersion;
  const isSent = bid?.settlement.claims.has(`resolution:${request.resolutionId}`) === true;
  if (version !== seenVersion && !isSent) return { kind: "changed", version };
  return await resolveDispute(bid, ports, request);
}

function answerOf(
  { bidId, version: seen }: { readonly bidId: string; readonly version: number },
  { by }: ResolutionRequest,
  resolved: ResolvedDispute,
): ActionAnswer {
  switch (resolved.kind) {
    case "resolved": {
      const { state, version } = resolved.settlement;
      return answer(200, `${bidId} is ${state}, resolved by ${by}.`, { state, version });
    }
    case "changed": {
      const { version } = resolved;
      const says = `${bidId} has changed since you looked: version ${version}, not ${seen}. Look again.`;
      return answer(409, says, { version });
    }
    case "unknownBid":
      return answer(404, `There is no settlement of a bid "${bidId}".`);
    case "notDisputed":
      return answer(409, `${bidId} is not disputed: there is nothing to resolve.`);
    case "unknownClaim":
      return answer(400, `${bidId} has no claim "${resolved.key}".`);
    case "stillDisputed":
      return answer(
        409,
        `${bidId} would stay disputed (${resolved.reasons.join(", ")}): say of more claims whether they stand.`,
      );
  }
}

async function openFinanceWriters(config: ConsoleConfig): Promise<FinanceWriters> {
  const client = createWriterClient(config.project, config.storageWriteEmulatorHost);
  const path = `projects/${config.project}/datasets/${dataset.name}`;
  const [settlements, ledger] = await Promise.all([
    TableWriter.open(client, path, tableOf("settlements")),
    TableWriter.open(client, path, tableOf("ledger")),
  ]);
  return { settlements, ledger };
}
